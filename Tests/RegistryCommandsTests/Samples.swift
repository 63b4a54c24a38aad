/// Documents as a registry sends them.
enum Sample {
    static let digest = String(repeating: "ab", count: 32)

    static func artifact(
        _ name: String = "team/model-a", state: String = "trusted", sha256: String = digest
    ) -> String {
        """
        {"name":"\(name)","format":"gguf","filename":"a.gguf","sha256":"\(sha256)","size_bytes":4692,"layout":"file",\
        "state":"\(state)","status":"\(state)","acquired_at":"2026-11-21T10:00:00.000Z",\
        "state_since":"2026-11-21T10:00:00.000Z","digest":"sha256:\(sha256)","evidence_count":2,"head_index":7}
        """
    }

    static func row(_ status: String, state: String = "trusted", safe: Bool = true) -> String {
        """
        {"name":"a","status":"\(status)","safe_to_use":"\(safe)","sha256":"ab","state":"\(state)"\
        \(status == "failed" ? #","expected":"ab","actual":"cd""# : "")}
        """
    }

    static func sweep(_ status: String, failures: Int, rows: [String]) -> String {
        """
        {"status":"\(status)","checked":\(rows.count),"failures":\(failures),"verified_at":"2026-11-21T10:00:00.000Z",\
        "bytes":10,"models":[\(rows.joined(separator: ","))]}
        """
    }

    static func health(_ status: String = "ok", reasons: String = "[]") -> String {
        """
        {"status":"\(status)","model_count":3,"trusted_count":1,"state_counts":{"trusted":1,"acquired":2},\
        "auth_required":true,"version":"1.0","reasons":\(reasons)}
        """
    }
}
