/// One message of an object header, with its data.
struct HDF5Message {
    /// The types that are looked into (IV.A.2).
    enum Kind {
        static let dataspace = 0x01
        static let linkInfo = 0x02
        static let datatype = 0x03
        static let link = 0x06
        static let externalFiles = 0x07
        static let layout = 0x08
        static let filters = 0x0B
        static let attribute = 0x0C
        static let continuation = 0x10
        static let symbolTable = 0x11
        static let attributeInfo = 0x15
        /// The last type that the format defines.
        static let last = 0x18
        /// A type that only tests of the library write.
        static let bogus = 0x09
    }

    let kind: Int
    let flags: UInt8
    let fields: HDF5Fields

    /// Whether the data stands elsewhere, and here only where that is.
    var isShared: Bool { flags & 2 != 0 }
}

/// Reads object headers of both versions, with all their continuations (IV.A.1).
struct HDF5ObjectHeader {
    private(set) var messages: [HDF5Message] = []
    /// Where a structure stands whose checksum is wrong.
    private(set) var badChecksum: UInt64?
    private var continuations: [(address: UInt64, count: UInt64)] = []
    private var seen: Set<UInt64> = []

    private static let continuationsMax = 4096
    private static let messagesMax = 200_000

    init(_ medium: HDF5Medium, at address: UInt64) throws(FormatFault) {
        var head = try medium.block(address, count: 12)
        let first = try head.uint8()
        if first == 1 {
            try readOld(medium, &head, at: address)
        } else if first == UInt8(ascii: "O") {
            try readNew(medium, at: address)
        } else {
            throw .invalid(.hdf5Signature, offset: head.offset - 1)
        }
    }

    private mutating func readOld(
        _ medium: HDF5Medium, _ head: inout HDF5Fields, at address: UInt64
    ) throws(FormatFault) {
        // Reserved, the number of messages, the number of links to the object.
        try head.skip(7)
        let count = try head.uint32()
        var block = try medium.block(try Self.sum(address, 16, head), count: count)
        try readOld(medium, &block)
        while let next = continuations.popLast() {
            var block = try medium.block(next.address, count: next.count)
            try readOld(medium, &block)
        }
    }

    private mutating func readOld(_ medium: HDF5Medium, _ block: inout HDF5Fields) throws(FormatFault) {
        while block.remaining >= 8 {
            let kind = try block.uint16()
            let count = try block.uint16()
            let flags = try block.uint8()
            try block.skip(3)
            try add(medium, HDF5Message(kind: kind, flags: flags, fields: try block.block(count)))
        }
    }

    private mutating func readNew(_ medium: HDF5Medium, at address: UInt64) throws(FormatFault) {
        var head = try medium.block(address, count: 6)
        try head.expect("OHDR")
        guard try head.uint8() == 2 else { throw head.malformed() }
        let flags = try head.uint8()
        // Four times, and the numbers at which attributes move into a heap and back.
        let skipped = (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
        let sizeBytes = 1 << Int(flags & 3)
        let prefix = 6 + skipped + sizeBytes
        var size = try medium.block(address, count: UInt64(prefix))
        try size.skip(6 + skipped)
        let count = try size.number(sizeBytes)
        let (total, overflow) = count.addingReportingOverflow(UInt64(prefix) + 4)
        guard !overflow else { throw size.malformed() }
        var block = try medium.block(address, count: total)
        checkSum(block)
        try block.skip(prefix)
        let isOrdered = flags & 4 != 0
        try readNew(medium, try block.block(Int(count)), isOrdered)
        while let next = continuations.popLast() {
            var block = try medium.block(next.address, count: next.count)
            checkSum(block)
            try block.expect("OCHK")
            guard block.remaining >= 4 else { throw block.malformed() }
            try readNew(medium, try block.block(block.remaining - 4), isOrdered)
        }
    }

    private mutating func readNew(
        _ medium: HDF5Medium, _ fields: HDF5Fields, _ isOrdered: Bool
    ) throws(FormatFault) {
        var block = fields
        let headBytes = isOrdered ? 6 : 4
        // What is left at the end and too short for a message is a gap.
        while block.remaining >= headBytes {
            let kind = Int(try block.uint8())
            let count = try block.uint16()
            let flags = try block.uint8()
            if isOrdered { try block.skip(2) }
            try add(medium, HDF5Message(kind: kind, flags: flags, fields: try block.block(count)))
        }
    }

    private mutating func checkSum(_ block: HDF5Fields) {
        if !block.hasChecksum { badChecksum = badChecksum ?? block.offset }
    }

    private mutating func add(_ medium: HDF5Medium, _ message: HDF5Message) throws(FormatFault) {
        guard message.kind == HDF5Message.Kind.continuation else {
            guard messages.count < Self.messagesMax else {
                throw .limitExceeded(.hdf5Names, offset: message.fields.offset)
            }
            if message.kind != 0 { messages.append(message) }
            return
        }
        var fields = message.fields
        let address = try medium.requiredAddress(&fields)
        let count = try medium.length(&fields)
        guard seen.insert(address).inserted, seen.count < Self.continuationsMax else {
            throw .invalid(.hdf5Cycle, offset: message.fields.offset)
        }
        continuations.append((address, count))
    }

    static func sum(_ address: UInt64, _ more: UInt64, _ fields: HDF5Fields) throws(FormatFault) -> UInt64 {
        let (sum, overflow) = address.addingReportingOverflow(more)
        guard !overflow else { throw fields.malformed(.hdf5Outside) }
        return sum
    }
}
