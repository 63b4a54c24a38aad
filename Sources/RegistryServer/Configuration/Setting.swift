/// Every setting of the server: its name in `pratique.yaml`, in the environment (the same in capitals) and as a flag
/// (`--bind-addr`), what it is when nobody says, and what it means. `docs/reference/configuration.md` is made from
/// this.
public enum Setting: String, Sendable, CaseIterable {
    case bindAddr = "bind_addr"
    case registryDir = "registry_dir"
    case registryLockPath = "registry_lock_path"
    case serviceTokenPath = "service_token_path"
    case credentialsPath = "credentials_path"
    case tokenSeconds = "token_seconds"
    case tlsCertificatePath = "tls_certificate_path"
    case tlsKeyPath = "tls_key_path"
    case externalURL = "external_url"
    case integrityResultPath = "integrity_result_path"
    case insecureDevMode = "insecure_dev_mode"
    case anonymousRead = "anonymous_read"
    case tokenFailuresMax = "token_failures_max"
    case allowedHosts = "allowed_hosts"
    case policyPath = "policy_path"
    case scannersPath = "scanners_path"
    case trustRepositoryURL = "trust_repository_url"
    case trustAnchorPath = "trust_anchor_path"
    case trustCachePath = "trust_cache_path"
    case trustRefreshSeconds = "trust_refresh_seconds"
    case trustedRootPath = "trusted_root_path"
    case integrityIntervalSeconds = "integrity_interval_seconds"
    case integrityBytesPerSecond = "integrity_bytes_per_second"
    case collectionIntervalSeconds = "collection_interval_seconds"
    case hashAgeSeconds = "hash_age_seconds"
    case uploadIdleSeconds = "upload_idle_seconds"
    case immutableTags = "immutable_tags"
    case repositoryQuotas = "repository_quotas"
    case repositoryRetention = "repository_retention"
    case stalledClientSeconds = "stalled_client_seconds"
    case requestHeadSeconds = "request_head_seconds"
    case idleConnectionSeconds = "idle_connection_seconds"
    case connectionsMax = "connections_max"
    case addressConnectionsMax = "address_connections_max"
    case longOperationsMax = "long_operations_max"
    case logOrigin = "log_origin"
    case verifierID = "verifier_id"
    case logLevel = "log_level"

    /// The name of the environment variable.
    public var environmentName: String { rawValue.uppercased() }
    /// The name of the flag, without dashes.
    public var flagName: String { String(rawValue.map { $0 == "_" ? "-" : $0 }) }

    public var defaultValue: String {
        switch self {
        case .bindAddr: "127.0.0.1:8470"
        case .registryDir: "/registry"
        case .registryLockPath: "/etc/secure-ai/policy/models.lock.yaml"
        case .serviceTokenPath: "/run/secure-ai/service-token"
        case .integrityResultPath: "/var/lib/secure-ai/logs/integrity-last.json"
        case .insecureDevMode: "false"
        case .tokenFailuresMax: "10"
        case .anonymousRead, .credentialsPath, .externalURL, .allowedHosts, .policyPath, .scannersPath, .logOrigin,
            .verifierID, .immutableTags,
            .repositoryQuotas, .repositoryRetention, .tlsCertificatePath, .tlsKeyPath, .trustRepositoryURL,
            .trustAnchorPath, .trustedRootPath:
            ""
        case .trustCachePath: "/var/lib/secure-ai/trust"
        case .trustRefreshSeconds: "86400"
        case .tokenSeconds: "300"
        case .integrityIntervalSeconds: "900"
        case .integrityBytesPerSecond: "0"
        case .collectionIntervalSeconds: "3600"
        case .hashAgeSeconds: "86400"
        case .uploadIdleSeconds: "86400"
        case .stalledClientSeconds: "30"
        case .requestHeadSeconds: "10"
        case .idleConnectionSeconds: "120"
        case .connectionsMax, .addressConnectionsMax: "0"
        case .longOperationsMax: "16"
        case .logLevel: "info"
        }
    }

    public var meaning: String {
        switch self {
        case .bindAddr: "Address and port to listen on. Port 0 lets the system choose one."
        case .registryDir:
            "The registry's directory: sources to acquire, `store/`, `trusted/` and `manifest.yaml` are in it."
        case .registryLockPath: "The boot lock file, read while the store is empty. It may be absent."
        case .serviceTokenPath:
            "File with the service token: at least 32 bytes, readable by its owner alone. Without it nothing changes. "
                + "Only the default may be absent; empty for none."
        case .credentialsPath:
            "File with credentials for repositories, YAML, writable by its owner alone. Changes count within a second."
        case .tokenSeconds: "How long a token of `/token` counts, in seconds, 60 at least."
        case .tlsCertificatePath:
            "Certificate for TLS and its chain, PEM, the server's own first. With it nothing but TLS is spoken. "
                + "A renewed one is shown within a second."
        case .tlsKeyPath: "Key to the certificate, PEM, not encrypted, readable by its owner alone."
        case .externalURL:
            "Scheme, host and port by which clients reach the registry, for `/token` and in verification summaries. "
                + "Without it: those that they used, and in summaries the origin of the log."
        case .integrityResultPath: "Where the result of the last integrity sweep is written."
        case .insecureDevMode:
            "Exactly `true`: no token is asked for. Refused unless only loopback is bound. Never for production."
        case .anonymousRead:
            "`true`: reads take no token. `false`: they do. Empty: they do, unless only loopback is bound and neither "
                + "`external_url` nor `allowed_hosts` says that a proxy passes requests on."
        case .tokenFailuresMax:
            "Wrong tokens from one address within a minute after which it has to wait for one; 0 for no limit."
        case .allowedHosts: "Host names of this registry besides `localhost` and addresses, separated by commas."
        case .policyPath: "Policy of admission, YAML. Without one the built-in default policy decides."
        case .scannersPath:
            "File with scanners that look into files besides the registry's own inspection, YAML. Empty for none."
        case .trustRepositoryURL:
            "Repository of The Update Framework with Sigstore's trusted root, such as "
                + "`https://tuf-repo-cdn.sigstore.dev`; its targets are below `targets/`. Empty for none."
        case .trustAnchorPath: "The repository's `root.json` that you vouch for. Later ones are verified from it on."
        case .trustCachePath: "Where verified metadata and the trusted root are kept, for use until they expire."
        case .trustRefreshSeconds: "Seconds between updates of the trusted root by the server; 0 for none."
        case .trustedRootPath:
            "A trusted root that is pinned, instead of one from a repository: nothing is fetched, and nothing expires."
        case .integrityIntervalSeconds: "Seconds between integrity sweeps; 0 for none in the server."
        case .integrityBytesPerSecond: "Bandwidth of scheduled sweeps in bytes per second; 0 for no bound."
        case .collectionIntervalSeconds: "Seconds between removals of bytes that nothing needs; 0 for never by itself."
        case .hashAgeSeconds: "How long a file that was not touched counts as verified, in seconds."
        case .uploadIdleSeconds: "Uploads and sets of files that nobody continued for so many seconds are dropped."
        case .immutableTags:
            "Tags that stay where they are once they point somewhere: patterns `REPOSITORY:TAG`, separated by commas, "
                + "with `*` for any characters, such as `team/*:v*`."
        case .repositoryQuotas:
            "How many bytes of blobs repositories may hold: `PATTERN=BYTES`, separated by commas; the first pattern "
                + "that matches counts: one repository, `team/*` or `**`. Bytes with `KiB`, `MiB`, `GiB`, `TiB` or "
                + "without."
        case .repositoryRetention:
            "How long repositories keep manifests that no tag, index or subject there leads to: "
                + "`PATTERN=untagged:TIME`, separated by commas, with hours (`36h`) or days (`7d`); the first pattern "
                + "that matches counts. Without a rule everything stays."
        case .stalledClientSeconds:
            "Over so many seconds a client has to take its answer, or send its body, at 1 KiB/s, or is cut off."
        case .requestHeadSeconds: "How long a request's line and header fields may take to come, in seconds."
        case .idleConnectionSeconds: "A connection without a request is closed after so many seconds."
        case .connectionsMax:
            "Open connections; the longest idle one makes room for more. 0 for what open files allow, up to 10,000."
        case .addressConnectionsMax:
            "How many of them one address may have (IPv6: one /64), loopback addresses aside. 0 for half of them."
        case .longOperationsMax:
            "How many acquisitions and verifications run at a time; as many again times eight may wait."
        case .logOrigin:
            "Origin line of the transparency log. Chosen at the first start when absent, and then kept for good."
        case .verifierID:
            "URI of this registry in the verification summaries that it signs. Without one: `https://` and the origin "
                + "of its log."
        case .logLevel: "`trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`."
        }
    }
}
