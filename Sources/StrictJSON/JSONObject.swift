/// An object: members in the order in which they were written, with unique names.
///
/// Names are compared byte by byte. Swift's own `==` would take the composed and the decomposed spelling of an accent
/// for one name, which RFC 8259 section 8.3 does not.
///
/// Finding a member looks at one after another: walk `members` where an outsider chooses how many there are.
public struct JSONObject: Sendable, Hashable {
    public struct Member: Sendable, Hashable {
        public let name: String
        public let value: JSONValue

        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    public private(set) var members: [Member]

    public init() {
        members = []
    }

    /// Where a name comes twice, the later value stands in the place of the earlier.
    public init(_ members: [(String, JSONValue)]) {
        self.members = []
        self.members.reserveCapacity(members.count)
        var names = NameSet()
        for (name, value) in members {
            let member = Member(name: name, value: value)
            if names.insert(name) {
                self.members.append(member)
            } else if let place = index(of: name) {
                self.members[place] = member
            }
        }
    }

    /// Leaves out the members whose value is `nil`.
    public init(present members: [(String, JSONValue?)]) {
        self.init(members.compactMap { name, value in value.map { (name, $0) } })
    }

    /// For members whose names the scanner has found to be unique.
    init(unique members: [Member]) {
        self.members = members
    }

    public var count: Int {
        members.count
    }

    public var isEmpty: Bool {
        members.isEmpty
    }

    /// Setting `nil` removes the member; setting a new name appends it.
    public subscript(name: String) -> JSONValue? {
        get {
            index(of: name).map { members[$0].value }
        }
        set {
            switch (index(of: name), newValue) {
            case (let place?, let value?): members[place] = Member(name: name, value: value)
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    func index(of name: String) -> Int? {
        let wanted = ExactName(name)
        return members.firstIndex { ExactName($0.name) == wanted }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements)
    }
}
