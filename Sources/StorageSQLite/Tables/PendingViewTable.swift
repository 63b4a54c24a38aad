import RegistryCore
import RegistryPorts

extension MetadataTables {
    func pendingViews(after id: Int64, limit: Int) throws(StorageFault) -> [PendingView] {
        guard limit > 0 else { return [] }
        return try connection.all(
            "SELECT id, tenant, name FROM pending_view WHERE id > ? ORDER BY id LIMIT ?",
            [.integer(id), .integer(Int64(limit))]
        ) { row throws(StorageFault) in
            PendingView(id: try row.integer(0), tenant: try row.tenant(1), name: try row.name(2))
        }
    }

    func putPendingView(of name: ArtifactName, in tenant: Tenant) throws(StorageFault) {
        try connection.run("INSERT INTO pending_view (tenant, name) VALUES (?, ?)", [.text(tenant), .text(name)])
    }

    func removePendingView(_ id: Int64) throws(StorageFault) {
        try connection.run("DELETE FROM pending_view WHERE id = ?", [.integer(id)])
    }
}
