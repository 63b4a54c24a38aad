import RegistryCommands
import RegistryCore
import StrictJSON
import StubRegistry
import Testing

@Suite("Exit status")
struct ExitStatusTests {
    @Test("Every refusal of a registry has its exit status, and none is 0", arguments: ErrorCode.allCases)
    func refusals(code: ErrorCode) async throws {
        try await StubServer.run { _ in
            .refusal(code.httpStatus, code.rawValue, detail: #"{"state":"revoked"}"#)
        } _: { server in
            let outcome = await securectl(["info", "a", "--server", server.address])
            #expect(outcome.status == code.exitStatus)
            #expect(outcome.status != 0)
            #expect(outcome.out.isEmpty)
            #expect(outcome.err.contains("A sentence. [\(code.rawValue)]"))
            #expect(outcome.err.contains("state: revoked"))
        }
    }

    @Test(
        "No HTTP error is 0, known to the API or not",
        arguments: [
            100...103, 204...204, 300...308, 400...431, 451...451, 500...511, 599...599,
        ].flatMap { $0.filter { $0 >= 200 } })
    func statuses(status: Int) async throws {
        try await StubServer.run { _ in
            StubAnswer(status, "")
        } _: { server in
            for command in [["info", "a"], ["list"], ["revoke", "a"], ["verify", "a"], ["path", "a"], ["status"]] {
                #expect(await securectl(command + ["--server", server.address]).status != 0, "\(command) \(status)")
            }
        }
    }

    @Test(
        "A code from the future is judged by its HTTP status",
        arguments: [
            (401, 77), (403, 77), (404, 66), (409, 13), (422, 65), (429, 69), (500, 70), (503, 69), (507, 74),
            (418, 76),
        ] as [(Int, Int32)])
    func unknownCodes(status: Int, exit: Int32) async throws {
        try await StubServer.run { _ in
            .refusal(status, "from_the_future")
        } _: { server in
            #expect(await securectl(["info", "a", "--server", server.address]).status == exit)
        }
    }

    @Test(
        "Usage errors are 64, a registry that is not there is 69, help is 0",
        arguments: [
            (["nonsense"], 64), (["info"], 64), (["info", "../etc/passwd"], 64), (["list", "--limit", "0"], 64),
            (["list", "--state", "great"], 64), (["verify"], 64), (["verify", "a", "--all"], 64), (["login"], 64),
            (["log", "verify", "--full", "--checkpoint-only"], 64), (["list", "--timeout", "0"], 64),
            (["list", "--server", "http://127.0.0.1:1"], 69), (["list", "--server", "nonsense"], 78),
            (["--help"], 0), (["help", "log", "verify"], 0), (["--generate-completion-script", "zsh"], 0),
        ] as [([String], Int32)])
    func usage(arguments: [String], exit: Int32) async {
        #expect(await securectl(arguments).status == exit)
    }

    @Test("For programs a failure is a document, too")
    func failureDocument() async throws {
        try await StubServer.run { _ in
            .refusal(403, "not_trusted", detail: #"{"state":"revoked"}"#)
        } _: { server in
            let outcome = await securectl(["path", "a", "--server", server.address, "-o", "json"])
            #expect(outcome.status == 13)
            #expect(outcome.json?.asObject?["code"]?.asString == "not_trusted")
        }
        let outcome = await securectl(["path", "a", "--server", "http://127.0.0.1:1", "-o", "json"])
        #expect(outcome.json?.asObject?["exit_status"]?.asNumber?.uint64 == 69)
    }

    @Test("What a registry says cannot move the cursor")
    func hostileSentences() async throws {
        try await StubServer.run { _ in
            StubAnswer(403, #"{"error":"\u001b[2J\u001b]0;x\u0007","code":"\u009b1m","detail":{"a\r":"\u202e"}}"#)
        } _: { server in
            let outcome = await securectl(["info", "a", "--server", server.address])
            #expect(
                !outcome.err.unicodeScalars.contains {
                    $0.value < 0x20 && $0 != "\n" || $0 == "\u{9B}" || $0 == "\u{202E}"
                })
        }
    }
}
