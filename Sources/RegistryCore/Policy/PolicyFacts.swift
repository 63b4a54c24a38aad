public import OCI

/// What is known about an artifact when a policy decides. A fact that nobody established is absent.
public struct PolicyFacts: Sendable, Hashable {
    private var values: [PolicyFact: FactValue]
    /// What is known of the files of each group; `nil` while that is not known of every file.
    public var groups: [FormatGroup: FormatGroupFacts]?

    /// What is known of the bundles about it.
    public var signatures: [SignatureFact] = []

    /// Repositories that hold it besides the one that it is named by, and where rules of verification ask for more.
    public var repositories: [RepositoryName] = []

    public init(_ values: [PolicyFact: FactValue] = [:], groups: [FormatGroup: FormatGroupFacts]? = nil) {
        self.values = values
        self.groups = groups
    }

    public subscript(_ fact: PolicyFact) -> FactValue? {
        get { values[fact] }
        set { values[fact] = newValue }
    }

    /// Every known fact, in the order of `PolicyFact.allCases`.
    public var all: [(fact: PolicyFact, value: FactValue)] {
        PolicyFact.allCases.compactMap { fact in values[fact].map { (fact, $0) } }
    }
}

/// The facts that rules may speak of.
public enum PolicyFact: String, Sendable, Hashable, CaseIterable {
    /// The artifact's name.
    case name
    /// Worst verdict over all files, `clean`, `review`, `block`, `undecided`, without what is waived.
    case verdict
    /// The format of each file, as a set.
    case format
    /// The class of each file, as a set: `tensors`, `document`, `code`, `archive`, `unknown`.
    case formatClass = "format_class"
    /// The group of each file, and of what is inside of archives, as a set: `FormatGroup`.
    case formatGroup = "format_group"
    /// Ids of the rules that found something, as a set, without what is waived.
    case findings
    /// Ids of the rules whose findings are waived, as a set.
    case waived
    /// Scanners besides the registry's own inspection that looked at every file, as a set.
    case scanners
    /// All bytes together.
    case sizeBytes = "size_bytes"
    /// Number of files.
    case files
    /// Where the bytes came from, as the caller of `acquire` said.
    case source
    /// License as the model's metadata states it.
    case license
    /// The state before the decision.
    case state
    /// What the policy's rules of verification come to: `verified`, `unverified` when none is about the artifact,
    /// `failed`, `undecided`.
    case verification
}

/// The value of a fact.
public enum FactValue: Sendable, Hashable {
    case text(String)
    case number(UInt64)
    /// Sorted, without repetitions.
    case set([String])

    public static func members(_ elements: some Sequence<String>) -> FactValue {
        .set(Set(elements).sorted())
    }
}
