/// Finds where a picture ends, by its structure alone. Nothing is decoded.
///
/// PNG (W3C PNG, third edition, §5), JPEG (ITU-T T.81, Annex B), GIF (89a) and WebP (RFC 9649, §2).
package enum PictureReader {
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF]
    private static let gif: [UInt8] = Array("GIF8".utf8)

    /// - Returns: one past the last byte of the picture.
    /// - Throws: `.truncated`, and `.invalid` for what is no such picture.
    package static func end(in source: any ByteSource, from start: UInt64 = 0) throws(FormatFault) -> UInt64 {
        let left = source.sizeBytes - min(start, source.sizeBytes)
        let head = try source.bytes(at: min(start, source.sizeBytes), count: Int(min(left, 12)))
        var reader = ByteReader(source, from: start)
        if head.starts(with: png) {
            try endPNG(&reader)
        } else if head.starts(with: jpeg) {
            try endJPEG(&reader)
        } else if head.starts(with: gif) {
            try endGIF(&reader)
        } else if head.starts(with: Array("RIFF".utf8)), head.dropFirst(8).elementsEqual("WEBP".utf8) {
            try reader.skip(4)
            let count = UInt64(try reader.uint32())
            // A chunk of an odd length is filled up, and not every program fills up the last one.
            try reader.skip(count)
            if count % 2 == 1, reader.remaining > 0 { try reader.skip(1) }
        } else {
            throw .invalid(.pictureStructure, offset: start)
        }
        return reader.offset
    }

    /// Whether another JPEG begins here: cameras write several into one file.
    package static func isJPEG(_ source: any ByteSource, at offset: UInt64) throws(FormatFault) -> Bool {
        guard offset < source.sizeBytes, source.sizeBytes - offset >= UInt64(jpeg.count) else { return false }
        return try source.bytes(at: offset, count: jpeg.count) == jpeg
    }

    private static func endPNG(_ reader: inout ByteReader) throws(FormatFault) {
        try reader.skip(UInt64(png.count))
        while true {
            let offset = reader.offset
            let count = UInt64(try reader.uint32().byteSwapped)
            let type = try reader.bytes(4)
            let isLetters = type.allSatisfy { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
            guard isLetters, count <= UInt64(Int32.max) else { throw .invalid(.pictureStructure, offset: offset) }
            try reader.skip(count + 4)
            if type.elementsEqual("IEND".utf8) { return }
        }
    }

    private static func endJPEG(_ reader: inout ByteReader) throws(FormatFault) {
        try reader.skip(2)
        var marker = try nextMarker(&reader)
        while marker != 0xD9 {
            switch marker {
            // Without a length: TEM, and restarts outside of a scan.
            case 0x01, 0xD0...0xD7: break
            case 0x02...0xBF, 0xD8: throw .invalid(.pictureStructure, offset: reader.offset)
            default:
                let count = UInt64(try reader.uint16().byteSwapped)
                guard count >= 2 else { throw .invalid(.pictureStructure, offset: reader.offset) }
                try reader.skip(count - 2)
            }
            marker = marker == 0xDA ? try markerBehindScan(&reader) : try nextMarker(&reader)
        }
    }

    /// A marker, which may have any number of fill bytes before it.
    private static func nextMarker(_ reader: inout ByteReader) throws(FormatFault) -> UInt8 {
        guard try reader.uint8() == 0xFF else { throw .invalid(.pictureStructure, offset: reader.offset) }
        var byte = try reader.uint8()
        while byte == 0xFF { byte = try reader.uint8() }
        guard byte != 0 else { throw .invalid(.pictureStructure, offset: reader.offset) }
        return byte
    }

    /// The first marker that ends coded data: 0xFF in it is followed by a zero, or restarts the decoder.
    private static func markerBehindScan(_ reader: inout ByteReader) throws(FormatFault) -> UInt8 {
        while true {
            guard try reader.uint8() == 0xFF else { continue }
            var byte = try reader.uint8()
            while byte == 0xFF { byte = try reader.uint8() }
            switch byte {
            case 0x00, 0xD0...0xD7: continue
            default: return byte
            }
        }
    }

    private static func endGIF(_ reader: inout ByteReader) throws(FormatFault) {
        try reader.skip(6 + 4)
        let flags = try reader.uint8()
        try reader.skip(2 + colorTableBytes(flags))
        while true {
            switch try reader.uint8() {
            case 0x3B: return
            case 0x21:
                try reader.skip(1)
                try skipBlocks(&reader)
            case 0x2C:
                try reader.skip(8)
                try reader.skip(colorTableBytes(try reader.uint8()) + 1)
                try skipBlocks(&reader)
            default: throw .invalid(.pictureStructure, offset: reader.offset)
            }
        }
    }

    private static func colorTableBytes(_ flags: UInt8) -> UInt64 {
        flags & 0x80 == 0 ? 0 : 3 << (UInt64(flags & 7) + 1)
    }

    private static func skipBlocks(_ reader: inout ByteReader) throws(FormatFault) {
        while true {
            let count = try reader.uint8()
            guard count > 0 else { return }
            try reader.skip(UInt64(count))
        }
    }
}
