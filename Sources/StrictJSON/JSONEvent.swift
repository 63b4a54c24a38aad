/// One step through a document, as `JSONScanner` reports it.
///
/// Inside an object, every value follows the `name` it belongs to.
public enum JSONEvent: Sendable, Hashable {
    case beginObject
    case endObject
    case beginArray
    case endArray
    case name(String)
    case string(String)
    case number(JSONNumber)
    case bool(Bool)
    case null
}
