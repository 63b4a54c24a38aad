/// Puts the events of a scanner together to a value.
///
/// Whoever reports them has checked their order, the depth and the uniqueness of names.
package struct JSONTreeBuilder {
    private struct Container {
        let isObject: Bool
        var elements: [JSONValue] = []
        var members: [JSONObject.Member] = []
        var name = ""

        mutating func add(_ value: JSONValue) {
            if isObject {
                members.append(JSONObject.Member(name: name, value: value))
            } else {
                elements.append(value)
            }
        }
    }

    package private(set) var root: JSONValue?
    private var open: [Container] = []

    package init() {}

    package mutating func add(_ event: JSONEvent) {
        switch event {
        case .beginObject: open.append(Container(isObject: true))
        case .beginArray: open.append(Container(isObject: false))
        case .endObject, .endArray: close()
        case .name(let name): open[open.count - 1].name = name
        case .string(let text): place(.string(text))
        case .number(let number): place(.number(number))
        case .bool(let value): place(.bool(value))
        case .null: place(.null)
        }
    }

    private mutating func close() {
        guard let container = open.popLast() else { return }
        if container.isObject {
            place(.object(JSONObject(unique: container.members)))
        } else {
            place(.array(container.elements))
        }
    }

    private mutating func place(_ value: JSONValue) {
        if open.isEmpty {
            root = value
        } else {
            open[open.count - 1].add(value)
        }
    }
}
