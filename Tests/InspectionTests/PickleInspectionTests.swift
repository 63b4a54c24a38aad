import Inspection
import ModelFormats
import Testing

@Suite("Pickles inside and behind pickles, and names of libraries")
struct PickleInspectionTests {
    private func carrying(_ inner: [UInt8]) -> [UInt8] {
        PickleBuilder.stream(4) { $0.add(.shortBinBytes, [UInt8(inner.count)] + inner) }
    }

    private func inspect(_ bytes: [UInt8]) -> InspectionReport {
        Sample("pickle", name: "m.pkl", bytes).inspect()
    }

    private let attack = PickleBuilder.stream { $0.call("os", "system") }

    @Test("What runs code is found in the bytes of bytes of a pickle")
    func levels() {
        #expect(inspect(carrying(attack)).findings.map(\.rule) == [.pickleNestedDangerous])
        #expect(inspect(carrying(carrying(attack))).findings.map(\.rule) == [.pickleNestedDangerous])
        #expect(inspect(carrying(carrying(carrying(attack)))).verdict == .block)
        #expect(inspect(carrying(PickleBuilder.stream { $0.call("collections", "OrderedDict") })).verdict == .clean)
    }

    @Test("What runs code is found behind bytes that are no pickle", arguments: [0, 1, 100_000])
    func behind(count: Int) {
        let plain = PickleBuilder.stream { $0.add(.none) }
        let rest = [UInt8](repeating: 0xFF, count: count + 1)
        #expect(inspect(plain + rest + attack).findings.map(\.rule).contains(.pickleNestedDangerous))
        #expect(inspect(plain + rest + attack + attack).verdict == .block)
        #expect(inspect(plain + rest).findings.map(\.rule) == [.pickleTrailingBytes])
        // What is only named there is named by chance as well.
        let named = PickleBuilder.stream { $0.global("os", "system") }
        #expect(inspect(plain + rest + named).findings.map(\.rule) == [.pickleTrailingBytes])
    }

    @Test("Beginnings of pickles behind a pickle are tried as long as there are few")
    func starts() {
        let plain = PickleBuilder.stream { $0.add(.none) } + [0xFF]
        let decoys = Array(repeatElement([0x80, 0x02, 0x4E, 0xFF] as [UInt8], count: 100_000).joined())
        #expect(inspect(plain + decoys + attack).findings.map(\.rule) == [.pickleTrailingBytes])
    }

    @Test(
        "Classes of RLlib are for a person to look at",
        arguments: [
            "ray.rllib.algorithms.ppo.ppo.PPOConfig", "ray.rllib.policy.policy.PolicySpec",
            "ray.rllib.policy.sample_batch.SampleBatch", "ray.tune.trainable.trainable.Trainable",
            "ray.rllib.utils.filter.MeanStdFilter", "ray.air.config.RunConfig",
        ])
    func library(path: String) {
        #expect(inspect(calling(path)).verdict == .review)
    }

    @Test(
        "What of Ray runs code, starts programs or loads more is blocked",
        arguments: [
            "ray.cloudpickle.loads", "ray.cloudpickle.cloudpickle._make_function",
            "ray._private.services.start_ray_process",
            "ray.util.client.connect", "ray.job_submission.JobSubmissionClient", "ray.remote", "ray.init",
            "ray.rllib.utils.from_config.from_config", "ray.rllib.utils.serialization.deserialize_type",
            "ray.rllib.algorithms.algorithm.Algorithm.from_checkpoint", "ray.tune.registry.register_env",
            "ray.rllib.utils.checkpoints.os.system",
        ])
    func dangerous(path: String) {
        #expect(inspect(calling(path)).verdict == .block)
    }

    private func calling(_ path: String) -> [UInt8] {
        let parts = path.split(separator: ".").map(String.init)
        return PickleBuilder.stream { $0.call(parts.dropLast().joined(separator: "."), parts[parts.count - 1]) }
    }
}
