import OCI
import Testing

@Suite("Paths of the distribution protocol")
struct DistributionPathTests {
    @Test(
        "A path is read from its end, so that a name may hold any part",
        arguments: [
            ("a/manifests/latest", "a", DistributionPath.Endpoint.manifest("latest")),
            ("a/b/c/manifests/sha256:0", "a/b/c", .manifest("sha256:0")),
            ("a/blobs/sha256:0", "a", .blob("sha256:0")),
            ("a/blobs/uploads", "a", .uploads), ("a/blobs/uploads/", "a", .uploads),
            ("a/blobs/uploads/some-session", "a", .upload("some-session")),
            ("a/tags/list", "a", .tags), ("a/referrers/sha256:0", "a", .referrers("sha256:0")),
            ("a/b/_pratique/vsa/sha256:0", "a/b", .summary("sha256:0")), ("a/vsa/blobs/x", "a/vsa", .blob("x")),
            ("manifests/manifests/manifests", "manifests", .manifest("manifests")),
            ("blobs/blobs/uploads/", "blobs", .uploads),
            ("a/tags/list/manifests/x", "a/tags/list", .manifest("x")),
            ("a/manifests/tags/list", "a/manifests", .tags),
            ("a/%2e%2e/blobs/x", "a/%2e%2e", .blob("x")),
        ])
    func reads(_ path: String, _ repository: String, _ endpoint: DistributionPath.Endpoint) {
        let read = DistributionPath(parsing: path[...])
        #expect(read?.repository == repository)
        #expect(read?.endpoint == endpoint)
    }

    @Test(
        "Other paths lead nowhere",
        arguments: [
            "", "/", "a", "a/b", "a/manifests", "a/manifests/", "manifests/latest", "tags/list", "blobs/uploads/",
            "blobs/sha256:0", "a/blobs/", "a/tags/", "a/tags/lists", "a/uploads/x", "a/uploads/", "a/referrers/",
            "_pratique/vsa/x", "a/vsa/x", "a/_pratique/vsa/", "a/pratique/vsa/x",
        ])
    func leadsNowhere(_ path: String) {
        #expect(DistributionPath(parsing: path[...]) == nil)
    }
}
