package import Hummingbird
package import RegistryCore

/// A token that was issued, and for how long it counts.
package struct TokenGrant: Sendable {
    package let token: String
    package let issued: Timestamp
    package let seconds: Int64
}

extension AccessRules {
    /// Issues a token for what is asked for, as far as who asks has it.
    ///
    /// - Parameters:
    ///   - fields: of the query, or of the form that was posted.
    ///   - password: the secret that stood in a form.
    ///   - source: the address that the connection comes from.
    ///   - local: the address of ours that it came to.
    /// - Throws: `.unauthorized`, `.tooManyAttempts`, `.overloaded`.
    package func issue(
        _ scopes: TokenScopes, _ request: Request, _ fields: FormFields, password: String?,
        from source: String?, at local: String?
    ) throws(RegistryError) -> TokenGrant {
        let proof: Proof
        switch (try PresentedCredential(request), password) {
        case (nil, nil): proof = try anonymousProof()
        case (nil, let password?): proof = try self.proof(showing: password[...], from: source ?? "")
        case (.token(let token)?, nil): proof = try self.proof(showing: token, from: source ?? "")
        case (.signature(let key, let signature)?, nil):
            let signed = try SignedTokenRequest(key: key, signature: signature, request, fields)
            proof = try self.proof(of: signed, request, from: source ?? "", at: local)
        case (_?, _?): throw Self.unauthorized("Two credentials are none.")
        }
        return grant(proof, scopes)
    }

    private func grant(_ proof: Proof, _ wanted: TokenScopes) -> TokenGrant {
        let now = clock.now()
        let end = Timestamp(clamping: now.milliseconds + settings.tokenSeconds * 1_000)
        let expires = min(end, proof.expires ?? end)
        let token = IssuedToken(
            identity: proof.principal.identity, secret: proof.secret, expires: expires,
            scopes: proof.principal.granting(wanted))
        return TokenGrant(
            token: seal.seal(token), issued: now, seconds: (expires.milliseconds - now.milliseconds) / 1_000)
    }

    private func anonymousProof() throws(RegistryError) -> Proof {
        if settings.isDevelopment { return Proof(.developmentMode, secret: 0) }
        guard settings.readsAreOpen else { throw Self.unauthorized("A token takes a credential here.") }
        return Proof(.anonymousReader, secret: 0)
    }

    /// - Throws: also for a token of ours: nobody lives on by renewing what they were issued.
    private func proof(showing token: Substring, from source: String) throws(RegistryError) -> Proof {
        if settings.isDevelopment { return proof(by: token) ?? Proof(.developmentMode, secret: 0) }
        try refuseWhoGuesses(source)
        guard let proof = proof(by: token) else {
            guard seal.open(token) == nil else {
                throw Self.unauthorized("A token takes a credential, and not another token.")
            }
            attempts.failed(source)
            throw Self.unauthorized("The token is none of this registry's.")
        }
        guard stillCounts(proof) else { throw Self.unauthorized("The credential has expired.") }
        return proof
    }

    /// Whose key it is that signed the request.
    private func proof(
        of signed: SignedTokenRequest, _ request: Request, from source: String, at local: String?
    ) throws(RegistryError) -> Proof {
        try refuseWhoGuesses(source)
        guard let proof = credentials.proof(by: signed.key) else {
            // Every Ollama has a key and shows it: that is no guess, and people look for the line to register.
            throw Self.unauthorized("The key is not registered here: \(signed.key)")
        }
        guard stillCounts(proof) else { throw Self.unauthorized("The credential has expired.") }
        let now = clock.now().milliseconds / 1_000
        guard signed.isRecent(at: now) else {
            throw Self.unauthorized("The time of the request is more than five minutes from the registry's.")
        }
        // Nonces are forgotten when the registry ends: what was signed before it began may have been used.
        guard signed.time >= startedAt else {
            throw Self.unauthorized("The request was signed before the registry started.")
        }
        guard signed.isSigned(for: origin.signedAddresses(request, reached: local)) else {
            attempts.failed(source)
            throw Self.unauthorized("The signature is not of this request, at an address that is this registry's.")
        }
        let isFirst = try nonces.use(
            "\(signed.key) \(signed.nonce)", until: signed.time + SignedTokenRequest.skewSecondsMax + 1, now: now)
        guard isFirst else { throw Self.unauthorized("The request was made before.") }
        return proof
    }
}
