/// What a member of an object in a description of a Keras model is for.
enum KerasMember: UInt8 {
    case className
    case module
    case registeredName
    case config
    case specName
    case function
    case functionType
    case node
    case name
    case version
    case path
}

/// The texts of the members of one object, in place: descriptions have hundreds of thousands of objects.
struct KerasTexts {
    private var className: String?
    private var module: String?
    private var registeredName: String?
    private var config: String?
    private var specName: String?
    private var functionType: String?
    private var node: String?
    private var name: String?
    private var version: String?

    /// Functions and paths are kept elsewhere.
    subscript(member: KerasMember) -> String? {
        get {
            switch member {
            case .className: className
            case .module: module
            case .registeredName: registeredName
            case .config: config
            case .specName: specName
            case .functionType: functionType
            case .node: node
            case .name: name
            case .version: version
            case .function, .path: nil
            }
        }
        set {
            switch member {
            case .className: className = newValue
            case .module: module = newValue
            case .registeredName: registeredName = newValue
            case .config: config = newValue
            case .specName: specName = newValue
            case .functionType: functionType = newValue
            case .node: node = newValue
            case .name: name = newValue
            case .version: version = newValue
            case .function, .path: break
            }
        }
    }
}
