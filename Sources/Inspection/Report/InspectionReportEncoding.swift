import ModelFormats

extension InspectionReport {
    /// The report as compact JSON of at most `reportBytesMax` bytes.
    ///
    /// A report whose tensors do not fit loses them, says so in a finding, and is not better than undecided.
    public func encoded() -> [UInt8] {
        let whole = document()
        guard whole.count > Self.reportBytesMax else { return whole }
        return withoutTensors().document()
    }

    private func withoutTensors() -> InspectionReport {
        let finding = Finding(.reportTooLarge)
        return InspectionReport(
            rulesVersion: rulesVersion, rulesDigest: rulesDigest, format: format, sizeBytes: sizeBytes,
            verdict: max(verdict, finding.verdict), findings: findings.prefix(Self.findingsMax - 1) + [finding],
            facts: facts, tensors: nil, gguf: gguf, weightIndex: weightIndex)
    }

    private func document() -> [UInt8] {
        var json = GoJSON(.compact)
        json.object { json in
            json.string("rules", rulesVersion)
            json.string("rules_digest", rulesDigest)
            json.string("format", format.rawValue)
            json.number("size", sizeBytes)
            json.string("verdict", verdict.rawValue)
            json.name("findings")
            json.array { json in
                for finding in findings { finding.encode(into: &json) }
            }
            json.name("facts")
            json.array { json in
                for fact in facts {
                    json.array { json in
                        json.string(fact.key.rawValue)
                        json.string(fact.value)
                    }
                }
            }
            if let gguf {
                json.name("gguf")
                gguf.encode(into: &json)
            }
            if let weightIndex {
                json.name("weight_index")
                json.array { json in
                    for shard in weightIndex.shards { shard.encode(into: &json) }
                }
            }
            if let tensors {
                json.number("data_start", tensors.dataStart)
                json.name("tensors")
                json.array { json in
                    for entry in tensors.entries { entry.encode(into: &json) }
                }
            }
        }
        return json.bytes
    }
}

extension Finding {
    fileprivate func encode(into json: inout GoJSON) {
        json.object { json in
            json.string("rule", rule.rawValue)
            if let member = place.member { json.string("member", member) }
            if let offset = place.offset { json.number("offset", offset) }
            if !detail.isEmpty { json.string("detail", detail) }
        }
    }
}

extension GGUFSummary {
    fileprivate func encode(into json: inout GoJSON) {
        json.object { json in
            json.number("version", version)
            json.string("architecture", architecture)
            json.number("alignment", alignment)
            json.number("metadata_count", metadataCount)
            json.string("header_sha256", Hexadecimal.text(headerSHA256))
            if let part {
                json.name("part")
                json.array { json in
                    json.number(part.number)
                    json.number(part.count)
                    if let tensorCount = part.tensorCount { json.number(tensorCount) }
                }
            }
        }
    }
}

extension WeightIndex.Shard {
    /// `[file, tensors, digest of their names]`.
    fileprivate func encode(into json: inout GoJSON) {
        json.array { json in
            json.string(file)
            json.number(tensors.count)
            json.string(Hexadecimal.text(tensors.digest))
        }
    }
}

extension TensorEntry {
    /// `[name, type, [dimensions], offset, size, elements]`; a name that is not UTF-8 is `[hexadecimal]`.
    fileprivate func encode(into json: inout GoJSON) {
        json.array { json in
            if GoJSON.repaired(nameBytes) == nameBytes {
                json.string(nameBytes)
            } else {
                json.array { $0.string(Hexadecimal.text(nameBytes)) }
            }
            json.string(typeName)
            json.array { json in
                for dimension in shape { json.number(dimension) }
            }
            json.number(offset)
            json.number(sizeBytes)
            json.number(elementCount)
        }
    }
}
