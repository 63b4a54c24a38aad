/// Writes NumPy files for tests from a header as it is.
struct NumPyBuilder {
    var header: String
    var data: [UInt8]
    var version: UInt8 = 1

    init(_ header: String, data: [UInt8], version: UInt8 = 1) {
        self.header = header
        self.data = data
        self.version = version
    }

    init(descr: String, shape: String, data: [UInt8]) {
        self.init("{'descr': \(descr), 'fortran_order': False, 'shape': \(shape), }", data: data)
    }

    static let ordinary = NumPyBuilder(descr: "'<f4'", shape: "(2, 3)", data: [UInt8](repeating: 1, count: 24))

    func build() -> [UInt8] {
        let text = Array(header.utf8) + [UInt8](repeating: 0x20, count: 15) + [0x0A]
        let length = version == 1 ? Bytes.little(UInt16(text.count)) : Bytes.little(UInt32(text.count))
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data
    }
}
