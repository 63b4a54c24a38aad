/// What is known about an artifact when a policy decides. A fact that nobody established is absent.
public struct PolicyFacts: Sendable, Hashable {
    private var values: [PolicyFact: FactValue]

    public init(_ values: [PolicyFact: FactValue] = [:]) {
        self.values = values
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
    /// Worst verdict of our own inspection over all files: `clean`, `review`, `block`, `undecided`.
    case verdict
    /// The format of each file, as a set.
    case format
    /// The class of each file, as a set: `tensors`, `document`, `code`, `archive`, `unknown`.
    case formatClass = "format_class"
    /// Ids of the rules that found something, as a set.
    case findings
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
