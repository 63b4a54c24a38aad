public import OCI
public import RegistryCore
public import RegistryPorts

// A tag grants no trust: what it points at passes the gate. The seal keeps whoever can edit the store from letting a
// tag point at what this registry never let it point at.
extension RecordSealer {
    public func seal(
        _ tag: Tag, at version: Digest, eventIndex: UInt64, time: Timestamp, in repository: RepositoryKey
    ) -> SealedTag {
        var sealed = SealedTag(tag: tag, version: version, eventIndex: eventIndex, time: time, seal: [])
        sealed.seal = code(sealed.message(in: repository))
        return sealed
    }

    /// - Throws: `.recordTampered` when the seal is not ours.
    public func open(_ sealed: SealedTag, in repository: RepositoryKey) throws(RegistryError) -> SealedTag {
        guard matches(sealed.seal, sealed.message(in: repository)) else {
            throw RegistryError(
                .recordTampered, "The tag \(sealed.tag) of \(repository.name) was not written by this registry.")
        }
        return sealed
    }
}

extension SealedTag {
    fileprivate func message(in repository: RepositoryKey) -> SealedMessage {
        var message = SealedMessage("tag/v1")
        message.add(repository.tenant.description)
        message.add(repository.name.description)
        message.add(tag.description)
        message.add(version)
        message.add(eventIndex)
        message.add(time)
        return message
    }
}
