import HTTPTypes
import OCI
import RegistryCore
import RouteSupport
import Testing

@Suite("Tokens of /token")
struct IssuedTokenTests {
    private let team: RepositoryName
    private let other: RepositoryName

    init() throws {
        team = try RepositoryName(parsing: "team/a")
        other = try RepositoryName(parsing: "other/a")
    }

    @Test("A token is for what was asked for and is held, until it expires")
    func rights() throws {
        let scene = try AccessScene()
        let token = try scene.issue(
            "repository:team/a:pull,push,delete", "repository:other/a:pull", password: AccessScene.ciToken)
        let principal = try scene.admit("Bearer \(token)")
        #expect(AccessRight.allCases.filter { principal.may($0, on: team) } == [.pull, .push])
        #expect(AccessRight.allCases.filter { principal.may($0, on: other) } == [])
        // Docker shows it as a password, too.
        #expect(try scene.admit(AccessScene.basic(token)) == principal)
        scene.advance(seconds: 299)
        #expect(try scene.admit("Bearer \(token)") == principal)
        scene.advance(seconds: 1)
        #expect(errorCode { try scene.admit("Bearer \(token)") } == .unauthorized)
    }

    @Test("Anybody gets one to pull with where reading is open, and nobody where it is not")
    func anonymous() throws {
        let scene = try AccessScene()
        let principal = try scene.admit("Bearer \(try scene.issue("repository:team/a:pull,push"))")
        #expect(AccessRight.allCases.filter { principal.may($0, on: team) } == [.pull])
        #expect(principal.actor == nil)
        let closed = try AccessScene(readsAreOpen: false)
        #expect(errorCode { try closed.issue("repository:team/a:pull") } == .unauthorized)
    }

    @Test("One that was changed in any place, or sealed by another key, is none")
    func tampered() throws {
        let scene = try AccessScene()
        let token = try scene.issue("repository:team/a:pull", password: AccessScene.ciToken)
        let characters = Array(token)
        var source = 0
        for place in stride(from: 5, to: characters.count - 1, by: 1) {
            var changed = characters
            changed[place] = changed[place] == "A" ? "B" : "A"
            source += 1
            #expect(errorCode { try scene.admit("Bearer \(String(changed))", from: "s\(source)") } == .unauthorized)
        }
        for text in [String(token.dropLast(4)), token + "AAAA", "prqt_", "prqt_" + String(repeating: "A", count: 80)] {
            source += 1
            #expect(errorCode { try scene.admit("Bearer \(text)", from: "s\(source)") } == .unauthorized)
        }
        let elsewhere = try AccessScene(tokenKey: [UInt8](repeating: 8, count: 32))
        #expect(errorCode { try elsewhere.admit("Bearer \(token)") } == .unauthorized)
    }

    @Test("A token gets nobody another token")
    func noRenewal() throws {
        let scene = try AccessScene()
        let token = try scene.issue("repository:team/a:pull", password: AccessScene.ciToken)
        for _ in 0..<5 {
            #expect(errorCode { try scene.issue("repository:team/a:pull", password: token) } == .unauthorized)
            #expect(
                errorCode { try scene.issue("repository:team/a:pull", authorization: "Bearer \(token)") }
                    == .unauthorized)
        }
        // And is no guess.
        #expect(errorCode { try scene.issue(password: AccessScene.ciToken) } == nil)
    }

    @Test("A token does not outlive its credential")
    func shortCredential() throws {
        let scene = try AccessScene()
        try scene.install(expires: AccessScene.start + 20)
        let token = try scene.issue("repository:team/a:pull", password: AccessScene.ciToken)
        scene.advance(seconds: 19)
        #expect(errorCode { try scene.admit("Bearer \(token)") } == nil)
        scene.advance(seconds: 1)
        #expect(errorCode { try scene.admit("Bearer \(token)") } == .unauthorized)
    }

    @Test("A token that expired ends its uploads for a day, and nothing else")
    func uploadSession() throws {
        let scene = try AccessScene()
        let session = "/v2/team/a/blobs/uploads/6f1c"
        let pushes = "Bearer \(try scene.issue("repository:team/a:pull,push", password: AccessScene.ciToken))"
        let pulls = "Bearer \(try scene.issue("repository:team/a:pull", password: AccessScene.ciToken))"
        scene.advance(seconds: 301)
        let principal = try scene.admit(pushes, session, .patch)
        #expect(AccessRight.allCases.filter { principal.may($0, on: team) } == [.push])
        #expect(AccessRight.allCases.filter { principal.may($0, on: other) } == [])
        #expect(try !scene.admit(pulls, session, .patch).may(.push, on: team))
        for path in ["/v2/team/a/blobs/uploads/", "/v2/team/a/manifests/latest", "/v2/", "/v2/_catalog"] {
            #expect(errorCode { try scene.admit(pushes, path, .put) } == .unauthorized, "\(path)")
        }
        scene.advance(seconds: AccessRules.uploadGraceSeconds - 2)
        #expect(errorCode { try scene.admit(pushes, session, .patch) } == nil)
        scene.advance(seconds: 1)
        #expect(errorCode { try scene.admit(pushes, session, .patch) } == .unauthorized)
    }

    @Test("A token that expired ends no uploads of a credential that is gone")
    func uploadOfNobody() throws {
        let scene = try AccessScene()
        let token = "Bearer \(try scene.issue("repository:team/a:pull,push", password: AccessScene.ciToken))"
        scene.advance(seconds: 301)
        try scene.install(ci: nil)
        #expect(errorCode { try scene.admit(token, "/v2/team/a/blobs/uploads/6f1c", .patch) } == .unauthorized)
    }

    @Test("What expired stays expired when the clock goes back")
    func clockGoesBack() throws {
        let scene = try AccessScene()
        let token = "Bearer \(try scene.issue("repository:team/a:pull", password: AccessScene.ciToken))"
        scene.advance(seconds: 300)
        #expect(errorCode { try scene.admit(token) } == .unauthorized)
        scene.advance(seconds: -200)
        #expect(errorCode { try scene.admit(token) } == .unauthorized)
    }
}
