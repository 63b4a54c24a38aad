package import StrictJSON

/// Asks a JSON document for the values it must hold next, in memory that does not grow with it.
package struct JSONPull {
    package enum Fault: Error {
        case json(JSONFault)
        /// Valid JSON, and not what was asked for. The name of the last member that was read.
        case unexpected(String)
    }

    private var scanner: JSONScanner
    private var ahead: JSONEvent?
    private var lastName = ""

    package init(_ scanner: JSONScanner) {
        self.scanner = scanner
    }

    package init(_ bytes: [UInt8], limits: JSONLimits) {
        scanner = JSONScanner(bytes, limits: limits)
    }

    /// The last member has not the form it must have.
    package var unexpected: Fault { .unexpected(lastName) }

    package mutating func peek() throws(Fault) -> JSONEvent? {
        if ahead == nil { ahead = try read() }
        return ahead
    }

    package mutating func next() throws(Fault) -> JSONEvent {
        if let event = ahead {
            ahead = nil
            return event
        }
        guard let event = try read() else { throw unexpected }
        return event
    }

    /// Succeeds if nothing but white space is left.
    package mutating func end() throws(Fault) {
        guard try peek() == nil else { throw unexpected }
    }

    package mutating func beginObject() throws(Fault) {
        guard case .beginObject = try next() else { throw unexpected }
    }

    package mutating func beginArray() throws(Fault) {
        guard case .beginArray = try next() else { throw unexpected }
    }

    /// The next member's name, `nil` once the object has ended.
    package mutating func nextName() throws(Fault) -> String? {
        switch try next() {
        case .name(let name):
            lastName = name
            return name
        case .endObject: return nil
        default: throw unexpected
        }
    }

    /// Whether the array has another element. Moves past its end if not.
    package mutating func hasElement() throws(Fault) -> Bool {
        guard case .endArray = try peek() else { return true }
        ahead = nil
        return false
    }

    package mutating func string() throws(Fault) -> String {
        guard case .string(let text) = try next() else { throw unexpected }
        return text
    }

    package mutating func uint64() throws(Fault) -> UInt64 {
        guard case .number(let number) = try next(), let value = number.uint64 else { throw unexpected }
        return value
    }

    package mutating func int() throws(Fault) -> Int {
        guard let value = Int(exactly: try uint64()) else { throw unexpected }
        return value
    }

    package mutating func bool() throws(Fault) -> Bool {
        guard case .bool(let value) = try next() else { throw unexpected }
        return value
    }

    /// An array of at most `countMax` unsigned numbers.
    package mutating func uint64s(countMax: Int) throws(Fault) -> [UInt64] {
        try beginArray()
        var values: [UInt64] = []
        while try hasElement() {
            guard values.count < countMax else { throw unexpected }
            values.append(try uint64())
        }
        return values
    }

    /// Moves past the next value, whatever it is.
    package mutating func skipValue() throws(Fault) {
        var depth = 0
        repeat {
            switch try next() {
            case .beginObject, .beginArray: depth += 1
            case .endObject, .endArray: depth -= 1
            case .name, .string, .number, .bool, .null: break
            }
        } while depth > 0
    }

    private mutating func read() throws(Fault) -> JSONEvent? {
        do throws(JSONFault) {
            return try scanner.next()
        } catch {
            throw .json(error)
        }
    }
}
