import OCI
import RegistryCore
import Testing

@Suite("Rights")
struct PrincipalTests {
    private let team: RepositoryName
    private let other: RepositoryName
    private let ci: Principal

    init() throws {
        team = try RepositoryName(parsing: "team/a")
        other = try RepositoryName(parsing: "other/a")
        ci = Principal(
            .credential(try PrincipalName(parsing: "ci")), [.pull, .push],
            on: [try #require(RepositoryPattern(parsing: "team/*"))])
    }

    @Test("A credential has its rights on its repositories, and no others anywhere")
    func credential() {
        for right in AccessRight.allCases {
            #expect(ci.may(right, on: team) == [.pull, .push].contains(right))
            #expect(!ci.may(right, on: other))
        }
        #expect(ci.actor?.description == "principal/ci")
        #expect(!ci.mayUseModelAPI)
        #expect(ci.maySee(team) && !ci.maySee(other))
    }

    @Test("The service token has every right but those of reading what is not trusted and of answering for it")
    func serviceToken() throws {
        let rights: [(Principal, [AccessRight])] = [
            (.serviceToken, [.pull, .push, .delete]), (.developmentMode, [.pull, .push, .delete, .waive]),
        ]
        let name = try ArtifactName(parsing: "team/tiny")
        for (principal, expected) in rights {
            #expect(AccessRight.allCases.filter { principal.may($0, on: team) } == expected)
            #expect(principal.mayUseModelAPI)
            #expect(principal.mayWaive(name) == expected.contains(.waive))
        }
        #expect(AccessRight.allCases.filter { Principal.anonymousReader.may($0, on: team) } == [.pull])
        #expect(AccessRight.allCases.filter { Principal.nobody.may($0, on: team) }.isEmpty)
    }

    @Test("Who may waive does so in the repositories of the credential, and by no issued token")
    func waiving() throws {
        let alice = Principal(
            .credential(try PrincipalName(parsing: "alice")), [.waive],
            on: [try #require(RepositoryPattern(parsing: "team/*"))])
        #expect(alice.mayWaive(try ArtifactName(parsing: "team/tiny")))
        #expect(!alice.mayWaive(try ArtifactName(parsing: "other/tiny")))
        // No repository can have this name: only a credential for everything covers it.
        #expect(!alice.mayWaive(try ArtifactName(parsing: "team/Tiny_.x")))
        #expect(alice.maySeeWaivers)
        #expect(!alice.limited(to: TokenScopes([])).mayWaiveSomething)
        let everywhere = Principal(alice.identity, [.waive], on: [.all])
        #expect(everywhere.mayWaive(try ArtifactName(parsing: "team/Tiny_.x")))
        let pusher = Principal(alice.identity, [.pull, .push, .delete, .review], on: [.all])
        #expect(!pusher.mayWaiveSomething)
    }

    @Test("A credential that may pull and push reads back what it pushed, also by a token to pull with")
    func readBack() throws {
        #expect(ci.mayReadBack(from: team) && !ci.mayReadBack(from: other))
        #expect(ci.limited(to: TokenScopes(parsing: ["repository:team/a:pull"])).mayReadBack(from: team))
        #expect(!ci.limited(to: TokenScopes(parsing: ["repository:team/a:push"])).mayReadBack(from: team))
        let name = try PrincipalName(parsing: "x")
        for rights: Set<AccessRight> in [[.pull], [.push], [.pull, .delete]] {
            #expect(!Principal(.credential(name), rights, on: [.all]).mayReadBack(from: team))
        }
        // A runtime may hold the service token, and in development mode anybody is let in.
        for principal in [Principal.serviceToken, .developmentMode, .anonymousReader, .nobody] {
            #expect(!principal.mayReadBack(from: team))
        }
    }

    @Test("Whoever may push to all repositories or review them may have every blob, by a token that is for lists")
    func everyBlob() throws {
        let name = try PrincipalName(parsing: "x")
        for right in AccessRight.allCases {
            let holds = right == .push || right == .review
            #expect(Principal(.credential(name), [right], on: [.all]).mayHaveEveryBlob == holds)
            let team = try #require(RepositoryPattern(parsing: "team/*"))
            #expect(!Principal(.credential(name), [right], on: [team]).holdsEveryBlob)
        }
        let narrow = Principal.serviceToken.limited(to: TokenScopes(parsing: ["repository:team/a:pull,push"]))
        #expect(narrow.holdsEveryBlob && !narrow.mayHaveEveryBlob)
        let wide = TokenScopes(parsing: ["repository:team/a:pull,push", "registry:catalog:*"])
        #expect(Principal.serviceToken.limited(to: wide).mayHaveEveryBlob)
        for principal in [Principal.anonymousReader, .nobody] { #expect(!principal.holdsEveryBlob) }
    }

    @Test("A token takes rights away and gives none")
    func limited() throws {
        let scopes = TokenScopes(parsing: ["repository:team/a:pull,delete", "repository:other/a:pull,push"])
        let limited = ci.limited(to: scopes)
        #expect(AccessRight.allCases.filter { limited.may($0, on: team) } == [.pull])
        #expect(AccessRight.allCases.filter { limited.may($0, on: other) }.isEmpty)
        #expect(!limited.may(.pull, on: try RepositoryName(parsing: "team/b")))
        #expect(limited.holds(.push, on: team) && !limited.holds(.push, on: other))
        #expect(!limited.mayListRepositories)
        #expect(!Principal.serviceToken.limited(to: scopes).mayUseModelAPI)
        #expect(ci.limited(to: TokenScopes(parsing: ["registry:catalog:*"])).mayListRepositories)
    }

    @Test("What is asked for is granted as far as it is held")
    func granting() {
        let wanted = TokenScopes(
            parsing: [
                "repository:team/a:pull,push,delete", "repository:other/a:pull", "registry:catalog:*", "repository:x",
                "repository:Team/a:pull", "repository(plugin):team/a:pull", "repository:team/b:*", "",
                "repository:team/c:frobnicate", "repository:team/d:pull:push",
            ])
        #expect(
            ci.granting(wanted).texts == [
                "repository:team/a:pull,push", "repository:team/b:pull,push", "registry:catalog:*",
            ])
        #expect(Principal.nobody.granting(wanted).texts == [])
        #expect(
            Principal.anonymousReader.granting(TokenScopes(parsing: ["repository:team/a:pull,push"])).texts
                == ["repository:team/a:pull"])
    }

    @Test("A reviewer's token for pulling also shows what is not trusted")
    func review() throws {
        let reviewer = Principal(.credential(try PrincipalName(parsing: "eve")), [.pull, .review], on: [.all])
        let scopes = reviewer.granting(TokenScopes(parsing: ["repository:team/a:pull"]))
        #expect(reviewer.limited(to: scopes).may(.review, on: team))
        #expect(!reviewer.limited(to: scopes).may(.review, on: other))
        #expect(!ci.limited(to: scopes).may(.review, on: team))
    }
}
