internal import Inspection
internal import ModelFormats

/// Compares two files: tensors by name, shape, type and the hash of their data; metadata, templates and members by what
/// a sandboxed child says of them; everything else byte by byte.
struct FileComparison: Sendable {
    private struct Side: Sendable {
        var file: LocalFile
        var report: InspectionReport
        var contents: FileContents
    }

    /// Texts that are compared line by line.
    private static let textBytesMax = 1 << 20

    let context: CommandContext

    /// Never throws for what is in the files: what cannot be compared is undecided.
    func compare(_ left: LocalFile, _ right: LocalFile, as path: String) async throws -> FileDifference {
        do {
            async let old = side(left)
            async let new = side(right)
            return try await compare(try await old, try await new, path)
        } catch let failure as CommandFailure where failure.status == .unchecked {
            return FileDifference(path, .undecided, reason: failure.message)
        }
    }

    private func side(_ file: LocalFile) async throws -> Side {
        let report: InspectionReport
        do throws(InspectionRefusal) {
            report = try await context.inspector.inspect(
                file.descriptor, sizeBytes: file.sizeBytes, name: file.name, as: .none)
        } catch {
            throw CommandFailure(.unchecked, "\(file.path) could not be read safely: \(error.reason).")
        }
        let hasContents = [.gguf, .safetensors, .zip, .tar].contains(report.format)
        // What is too broken to be taken apart is compared as bytes.
        let contents = hasContents ? try? await FileContents(of: MemberFile(file: file), in: context) : nil
        return Side(file: file, report: report, contents: contents ?? FileContents())
    }

    private func compare(_ old: Side, _ new: Side, _ path: String) async throws -> FileDifference {
        var difference = FileDifference(path, .same)
        if let left = old.report.tensors, let right = new.report.tensors, left.overlap == nil, right.overlap == nil {
            difference.parts = try await tensorParts(old, left, new, right)
        } else if try await !hasSameBytes(old.file, new.file) {
            difference.parts = [
                .init(
                    kind: .bytes, status: .changed, name: "content", left: Self.words(old), right: Self.words(new))
            ]
        }
        var named = FileDifference.parts(
            .metadata, old.contents.metadata, new.contents.metadata, name: \.name, text: \.text,
            isSame: { $0.digest == $1.digest })
        named += FileDifference.parts(
            .member, old.contents.members, new.contents.members, name: \.name, text: \.text,
            isSame: { $0.digest == $1.digest })
        difference.texts = Self.templates(old.contents.templates, new.contents.templates)
        // Bytes differ wherever something with a name does.
        if !named.isEmpty || !difference.texts.isEmpty {
            difference.parts.removeAll { $0.kind == .bytes || $0.kind == .layout }
        }
        difference.parts += named
        if !difference.parts.isEmpty, let text = try texts(old, new) { difference.texts.append(text) }
        if !difference.parts.isEmpty || !difference.texts.isEmpty { difference.status = .changed }
        return difference
    }

    private static func words(_ side: Side) -> String {
        "\(side.report.format.rawValue), \(Quantities.bytes(side.file.sizeBytes))"
    }

    private func hasSameBytes(_ left: LocalFile, _ right: LocalFile) async throws -> Bool {
        guard left.sizeBytes == right.sizeBytes else { return false }
        async let old = RangeHashing.digest(of: [0..<left.sizeBytes], in: left)
        async let new = RangeHashing.digest(of: [0..<right.sizeBytes], in: right)
        return try await old == new
    }

    /// Data of tensors is hashed where name, type and shape are the same, and so is everything outside of tensors.
    private func tensorParts(
        _ old: Side, _ left: TensorTable, _ new: Side, _ right: TensorTable
    ) async throws -> [FileDifference.Part] {
        var parts = FileDifference.parts(
            .tensor, left.entries, right.entries, name: \.name, text: Self.words,
            isSame: { Self.isAlike($0, $1) })
        let others = Dictionary(right.entries.map { ($0.nameBytes, $0) }, uniquingKeysWith: { _, last in last })
        let pairs = left.entries.compactMap { entry -> (TensorEntry, TensorEntry)? in
            guard let other = others[entry.nameBytes], Self.isAlike(entry, other) else { return nil }
            return (entry, other)
        }
        let meter = SharedMeter(
            context.meter("comparing \(new.file.name)", .bytes, total: pairs.reduce(0) { $0 &+ $1.0.sizeBytes }))
        defer { meter.finish() }
        let changed = try await SideBySide.map(pairs, width: Processors.count) { first, second -> TensorEntry? in
            try Task.checkCancellation()
            async let before = RangeHashing.digest(of: [left.range(of: first)], in: old.file)
            async let after = RangeHashing.digest(of: [right.range(of: second)], in: new.file)
            let isSame = try await before == after
            meter.update(first.name, first.sizeBytes)
            return isSame ? nil : first
        }
        for entry in changed.compactMap(\.self) {
            let words = Self.words(entry)
            parts.append(
                .init(kind: .tensor, status: .changed, name: entry.name, left: words, right: "\(words), other data"))
        }
        if left.entries.map(\.offset) != right.entries.map(\.offset), parts.isEmpty {
            parts.append(.init(kind: .layout, status: .changed, name: "places of tensors"))
        }
        async let before = RangeHashing.digest(of: Self.rest(left), in: old.file)
        async let after = RangeHashing.digest(of: Self.rest(right), in: new.file)
        if try await before != after, parts.isEmpty {
            parts.append(.init(kind: .bytes, status: .changed, name: "outside of tensors"))
        }
        return parts
    }

    private static func isAlike(_ left: TensorEntry, _ right: TensorEntry) -> Bool {
        left.typeName == right.typeName && left.shape == right.shape && left.sizeBytes == right.sizeBytes
    }

    private static func words(_ entry: TensorEntry) -> String {
        "\(entry.typeName) [\(entry.shape.map { "\($0)" }.joined(separator: ", "))]"
    }

    /// All bytes that belong to no tensor. Tensors do not overlap.
    private static func rest(_ table: TensorTable) -> [Range<UInt64>] {
        var ranges: [Range<UInt64>] = []
        var cursor: UInt64 = 0
        for index in table.indicesByOffset {
            let range = table.range(of: table.entries[index])
            if range.lowerBound > cursor { ranges.append(cursor..<range.lowerBound) }
            cursor = max(cursor, range.upperBound)
        }
        if cursor < table.fileSizeBytes { ranges.append(cursor..<table.fileSizeBytes) }
        return ranges
    }

    private static func templates(
        _ old: [FileContents.Template], _ new: [FileContents.Template]
    ) -> [FileDifference.Text] {
        let keys = old.map(\.key) + new.map(\.key).filter { key in !old.contains { $0.key == key } }
        return keys.compactMap { key in
            let (left, right) = (old.first { $0.key == key }, new.first { $0.key == key })
            guard left?.digest != right?.digest else { return nil }
            return FileDifference.Text(
                name: key, difference: LineDifference(left?.lines ?? [], right?.lines ?? []))
        }
    }

    /// Small texts line by line: templates, configurations, notes.
    private func texts(_ old: Side, _ new: Side) throws -> FileDifference.Text? {
        guard old.report.format.isText, new.report.format.isText, old.file.sizeBytes <= Self.textBytesMax,
            new.file.sizeBytes <= Self.textBytesMax
        else { return nil }
        func lines(_ side: Side) throws -> [String] {
            let bytes = try side.file.readAll(bytesMax: Self.textBytesMax)
            return bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
                VisibleText.excerpt(String(decoding: $0, as: UTF8.self), scalarsMax: 2_000)
            }
        }
        return FileDifference.Text(name: "text", difference: LineDifference(try lines(old), try lines(new)))
    }
}
