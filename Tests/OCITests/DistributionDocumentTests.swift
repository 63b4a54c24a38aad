import OCI
import StrictJSON
import Testing

@Suite("Documents of the distribution protocol")
struct DistributionDocumentTests {
    @Test("An error is a list of one, with a code of the specification")
    func error() {
        let error = DistributionError(.manifestUnknown, "No such one.", detail: ["state": "acquired"])
        #expect(
            String(decoding: error.json.encoded(), as: UTF8.self)
                == #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"No such one.","detail":{"state":"acquired"}}]}"#
        )
        for code in DistributionError.Code.allCases {
            #expect(code.rawValue.utf8.allSatisfy { $0 == 0x5F || (0x41...0x5A).contains($0) })
        }
    }

    @Test("An index without manifests says so")
    func emptyIndex() {
        #expect(
            String(decoding: ImageIndex(manifests: []).encoded(), as: UTF8.self)
                == #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#)
    }

    @Test("An index lists descriptors")
    func index() throws {
        let descriptor = Descriptor(
            mediaType: .imageManifest, digest: Descriptor.empty.digest, size: 2, artifactType: .octetStream,
            annotations: ["a": "b"])
        let index = try StrictJSON.parse(
            ImageIndex(manifests: [descriptor]).encoded(), limits: ManifestLimits.standard.json)
        #expect(index.asObject?["manifests"]?.asArray == [descriptor.json])
    }
}
