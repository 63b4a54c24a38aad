public import Attestation

/// A bundle that was read and found to have the shape of one. Nothing in it is believed yet.
public struct UnverifiedBundle: Sendable {
    /// Versions of the bundle's form; what they demand differs.
    public enum Version: Sendable, Hashable {
        case v01
        case v02
        case v03
    }

    /// What is signed.
    public enum Content: Sendable {
        /// A signature over the artifact itself.
        case message(MessageSignature)
        /// A signature over a statement about the artifact. Has exactly one signature.
        case envelope(Envelope)
    }

    /// What says who signed.
    public enum Material: Sendable {
        /// DER, leaf first; never empty.
        case certificates([[UInt8]])
        /// A hint that nobody vouches for, which key it was.
        case publicKey(hint: String)
    }

    public struct MessageSignature: Sendable, Hashable {
        public let bytes: [UInt8]

        /// What the signer says the artifact's digest is: compared, never verified with.
        public let digestAlgorithm: String?
        public let digest: [UInt8]?
    }

    public let version: Version
    public let content: Content
    public let material: Material
    public let logEntries: [UnverifiedLogEntry]

    /// RFC 3161 responses in DER.
    public let timestamps: [[UInt8]]

    /// The signature that everything else in the bundle is about.
    public var signature: [UInt8] {
        switch content {
        case .message(let message): message.bytes
        case .envelope(let envelope): envelope.signatures.first?.bytes ?? []
        }
    }
}

/// What a bundle says about an entry of a log.
public struct UnverifiedLogEntry: Sendable, Hashable {
    /// Position in the whole log, over all its shards.
    public let logIndex: UInt64
    public let logID: [UInt8]
    public let kind: String
    public let version: String

    /// Seconds since 1970. Worth nothing without a promise that verifies.
    public let integratedTime: UInt64

    /// The log's signature over the entry and its time.
    public let inclusionPromise: [UInt8]?
    public let inclusionProof: UnverifiedInclusionProof?

    /// The bytes that are a leaf of the log; `nil` if they have to be rebuilt.
    public let body: [UInt8]?
}

/// What a bundle says about the place of an entry.
public struct UnverifiedInclusionProof: Sendable, Hashable {
    /// Position in the tree that the proof is about.
    public let logIndex: UInt64
    public let rootHash: [UInt8]
    public let treeSize: UInt64
    public let hashes: [[UInt8]]

    /// A signed note; `nil` if there is none.
    public let checkpoint: [UInt8]?
}
