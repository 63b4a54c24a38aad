import HTTPTypes
import OCI
import RegistryCore
import RouteSupport
import Testing

@Suite("Who may do what")
struct AccessRulesTests {
    @Test("Beneath /v2 each secret is somebody, by Bearer and as any user's password")
    func identities() throws {
        let scene = try AccessScene()
        for (token, actor) in [
            (AccessScene.serviceToken, "service-token"), (AccessScene.ciToken, "principal/ci"),
            (AccessScene.reviewerToken, "principal/reviewer"),
        ] {
            for header in [
                "Bearer \(token)", "bearer \(token)", AccessScene.basic(token), AccessScene.basic(token, user: ""),
            ] {
                #expect(try scene.admit(header).actor?.description == actor)
            }
            for header in [
                "Bearer \(token)x", "Bearer \(token.dropLast())", "Basic \(token)", token, "Bearer", "Basic !",
                "Digest \(token)", "\(token):x",
            ] {
                #expect(errorCode { try AccessScene().admit(header) } == .unauthorized, "\(header)")
            }
        }
        #expect(try scene.admit(nil).identity == .anonymous)
    }

    @Test("Anybody may pull where reading is open, and nothing where it is not")
    func anonymous() throws {
        let team = try RepositoryName(parsing: "team/a")
        for isOpen in [true, false] {
            let principal = try AccessScene(readsAreOpen: isOpen).admit(nil)
            #expect(AccessRight.allCases.filter { principal.may($0, on: team) } == (isOpen ? [.pull] : []))
        }
    }

    @Test("The model API takes the service token and no credential, by Bearer alone")
    func modelAPI() throws {
        for isOpen in [true, false] {
            let scene = try AccessScene(readsAreOpen: isOpen)
            for level in [AccessLevel.read, .mutate] {
                let isFree = isOpen && level == .read
                let service = "Bearer \(AccessScene.serviceToken)"
                #expect(try scene.admit(service, "/v1/models", to: level).identity == .serviceToken)
                #expect(
                    errorCode { try scene.admit(AccessScene.basic(AccessScene.serviceToken), "/v1/models", to: level) }
                        == .unauthorized)
                let ci = errorCode { try scene.admit("Bearer \(AccessScene.ciToken)", "/v1/models", to: level) }
                #expect(ci == (isFree ? nil : .accessDenied))
                let issued = try scene.issue("repository:team/a:pull", password: AccessScene.serviceToken)
                let byToken = errorCode { try scene.admit("Bearer \(issued)", "/v1/models", to: level) }
                #expect(byToken == (isFree ? nil : .accessDenied))
                #expect(errorCode { try scene.admit(nil, "/v1/models", to: level) } == (isFree ? nil : .unauthorized))
            }
            #expect(try scene.admit(nil, "/health", to: .open).identity == .anonymous)
        }
        let scene = try AccessScene(serviceToken: nil)
        #expect(errorCode { try scene.admit(nil, "/v1/promote", to: .mutate) } == .mutationsDisabled)
    }

    @Test("Development mode asks for nothing, and gives no right to read what is not trusted")
    func development() throws {
        let scene = try AccessScene(isDevelopment: true)
        let team = try RepositoryName(parsing: "team/a")
        for header in [nil, "Bearer x", "Bearer \(AccessScene.serviceToken)"] {
            let principal = try scene.admit(header)
            #expect(principal.may(.push, on: team) && !principal.may(.review, on: team))
        }
        #expect(!scene.rules.asksForToken)
    }

    @Test("A credential that is taken away, replaced or expired is nobody's with the next request")
    func withdrawn() throws {
        let scene = try AccessScene()
        let header = "Bearer \(AccessScene.ciToken)"
        let token = "Bearer \(try scene.issue("repository:team/a:pull", password: AccessScene.ciToken))"
        #expect(try scene.admit(token).actor?.description == "principal/ci")
        try scene.install(ci: nil)
        #expect(errorCode { try scene.admit(header) } == .unauthorized)
        #expect(errorCode { try scene.admit(token) } == .unauthorized)
        // Another secret of the same name does not bring its tokens back.
        try scene.install(ci: AccessScene.ciToken + "-new")
        #expect(errorCode { try scene.admit(token) } == .unauthorized)
        try scene.install()
        #expect(try scene.admit(token).actor?.description == "principal/ci")
        try scene.install(expires: AccessScene.start + 10)
        #expect(errorCode { try scene.admit(header) } == nil)
        scene.advance(seconds: 10)
        #expect(errorCode { try scene.admit(header, from: "10.0.0.3") } == .unauthorized)
        #expect(errorCode { try scene.admit(token, from: "10.0.0.3") } == .unauthorized)
        // What expired does not come back with the clock.
        scene.advance(seconds: -9)
        #expect(errorCode { try scene.admit(header, from: "10.0.0.3") } == .unauthorized)
    }

    @Test("A token that was issued while the clock stood in the future does not count")
    func tokenOfTheFuture() throws {
        let (later, now) = (try AccessScene(), try AccessScene())
        later.advance(seconds: 400 * 86_400)
        let token = "Bearer \(try later.issue("repository:team/a:pull", password: AccessScene.ciToken))"
        #expect(try later.admit(token).actor != nil)
        #expect(errorCode { try now.admit(token) } == .unauthorized)
    }

    @Test("Who guesses has to wait, at every door; whoever shows a token of ours that ended does not")
    func guesses() throws {
        let scene = try AccessScene()
        let token = "Bearer \(try scene.issue("repository:team/a:pull", password: AccessScene.ciToken))"
        scene.advance(seconds: 300)
        for _ in 0..<10 { #expect(errorCode { try scene.admit(token) } == .unauthorized) }
        #expect(try scene.admit("Bearer \(AccessScene.ciToken)").actor != nil)
        for _ in 0..<3 { #expect(errorCode { try scene.issue(password: "wrong") } == .unauthorized) }
        #expect(errorCode { try scene.issue(password: AccessScene.ciToken) } == .tooManyAttempts)
        #expect(errorCode { try scene.admit("Bearer \(AccessScene.ciToken)") } == .tooManyAttempts)
        #expect(try scene.admit("Bearer \(AccessScene.ciToken)", from: "10.0.0.8").actor != nil)
    }
}
