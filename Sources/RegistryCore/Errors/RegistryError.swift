public import StrictJSON

/// The one error that services throw.
///
/// `message` and `detail` go to the client: they hold no path of the machine and no text of a library. `cause` and
/// `location` go to the log only.
public struct RegistryError: Error, Sendable {
    public var code: ErrorCode
    /// One sentence.
    public var message: String
    public var detail: JSONObject
    public var cause: (any Error)?
    public var location: String

    public init(
        _ code: ErrorCode, _ message: String, detail: JSONObject = JSONObject([]), cause: (any Error)? = nil,
        file: StaticString = #fileID, line: UInt = #line
    ) {
        self.code = code
        self.message = message
        self.detail = detail
        self.cause = cause
        location = "\(file):\(line)"
    }
}
