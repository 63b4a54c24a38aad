/// Why a test could not do what it wanted to do with a program or a connection.
public struct FixtureFault: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
