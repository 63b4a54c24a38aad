import Glibc
import Inspection
import ModelFormats

extension InspectorProcess {
    /// Becomes the fork server of `pratique` or `securectl` and never returns, if the parent started this process as an
    /// inspector. Otherwise does nothing.
    ///
    /// Must be the first thing in `main`: forking is sound only while the process has one thread, and the sandbox must
    /// close before anything of value is in memory.
    public static func runIfRequested() {
        guard isRequested(CommandLine.arguments) else { return }
        InspectionRehearsal.run()
        runIfRequested(
            arguments: CommandLine.arguments,
            work: { file, sizeBytes, name, claim in
                let source = DescriptorSource(descriptor: file, sizeBytes: sizeBytes)
                return Inspector.inspect(source: source, name: name, as: claim).encoded()
            },
            view: { file, sizeBytes, view, member, write in
                let source = DescriptorSource(descriptor: file, sizeBytes: sizeBytes)
                Inspector.view(view, of: source, member: member, write: write)
            })
    }
}

/// The file of an inspection child, read by offset so that no position is shared with the parent.
private struct DescriptorSource: ByteSource {
    let descriptor: Int32
    let sizeBytes: UInt64

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceFault) -> Int {
        guard offset < sizeBytes, let start = Int(exactly: offset) else { return 0 }
        let wanted = Int(min(UInt64(buffer.count), sizeBytes - offset))
        var done = 0
        while done < wanted {
            let count = pread(descriptor, buffer.baseAddress.map { $0 + done }, wanted - done, start + done)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw ByteSourceFault(offset: offset, code: errno) }
            if count == 0 { break }
            done += count
        }
        return done
    }
}
