/// A shell pattern for target paths (TUF 4.5, PATHPATTERN; glob(7)): `*`, `?` and `[…]` stand for characters of one
/// name, never for a slash.
package struct PathPattern: Sendable {
    private enum Element: Sendable, Equatable {
        case one(Unicode.Scalar)
        case any
        case anyNumber
        case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .one(let expected): scalar == expected
            case .any: scalar != "/"
            case .anyNumber: false
            case .oneOf(let ranges, let isNegated):
                scalar != "/" && ranges.contains { $0.contains(scalar) } != isNegated
            }
        }
    }

    private let elements: [Element]

    package init(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        var elements: [Element] = []
        var index = 0
        while index < scalars.count {
            switch scalars[index] {
            case "*":
                if elements.last != .anyNumber { elements.append(.anyNumber) }
            case "?": elements.append(.any)
            case "[":
                if let (element, end) = Self.bracket(scalars, from: index) {
                    elements.append(element)
                    index = end
                } else {
                    elements.append(.one("["))
                }
            default: elements.append(.one(scalars[index]))
            }
            index += 1
        }
        self.elements = elements
    }

    /// - Returns: `nil` where the bracket is never closed and so is a character like others.
    private static func bracket(_ scalars: [Unicode.Scalar], from start: Int) -> (Element, end: Int)? {
        var index = start + 1
        let isNegated = index < scalars.count && scalars[index] == "!"
        if isNegated { index += 1 }
        let first = index
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while index < scalars.count {
            // A closing bracket that comes first means itself.
            if scalars[index] == "]", index > first { return (.oneOf(ranges, isNegated: isNegated), index) }
            guard scalars[index] != "/" else { return nil }
            let low = scalars[index]
            if index + 2 < scalars.count, scalars[index + 1] == "-", scalars[index + 2] != "]" {
                // A range that ends before it begins holds nothing.
                if low <= scalars[index + 2] { ranges.append(low...scalars[index + 2]) }
                index += 3
            } else {
                ranges.append(low...low)
                index += 1
            }
        }
        return nil
    }

    /// Takes at most as many steps as path and pattern are long, multiplied.
    package func matches(_ path: String) -> Bool {
        let path = Array(path.unicodeScalars)
        var (place, next) = (0, 0)
        /// Where to go on when what follows the last `*` does not fit: it takes one character more.
        var retry: (place: Int, next: Int)?
        while place < path.count {
            if next < elements.count, elements[next] == .anyNumber {
                retry = (place, next + 1)
                next += 1
            } else if next < elements.count, elements[next].matches(path[place]) {
                (place, next) = (place + 1, next + 1)
            } else if let last = retry, path[last.place] != "/" {
                retry = (last.place + 1, last.next)
                (place, next) = (last.place + 1, last.next)
            } else {
                return false
            }
        }
        return elements[next...].allSatisfy { $0 == .anyNumber }
    }
}
