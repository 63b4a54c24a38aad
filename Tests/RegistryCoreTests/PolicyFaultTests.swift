import RegistryCore
import Testing

@Suite("Mistakes in policies")
struct PolicyFaultTests {
    private static let head = "pratique: policy/v1\nname: n\nversion: \"1\"\nrules:\n"
    private static let good = "  - id: good\n    effect: deny\n    when: {}\n    message: m\n"

    @Test(
        "A mistake is found on its line, and said in a sentence",
        arguments: [
            (head + good + "  - id: r\n    effect: deny\n    message: m\n    when:\n      mood: x\n", 13),
            (head + good + "  - id: r\n    message: m\n    effect: allow\n    when: { name: x }\n", 11),
            (head + good + "  - id: r\n    effect: admit\n    when: {}\n    message: m\n", 11),
            (head + good + "  - id: r\n    effect: admit\n    when:\n      name: 7\n    message: m\n", 12),
            (head + good + "  - id: r\n    effect: admit\n    when: { name: x }\n", 9),
            (head + good + "  - id: r\n    effect: admit\n    when: { name: x }\n    also: 1\n    message: m\n", 12),
            (head + good + good, 9), (head + "  []\n", 4), (head + good + "more: 1\n", 9),
            ("pratique: policy/v2\nname: n\nversion: \"1\"\nrules:\n" + good, 1),
            (head + good + "formats:\n  gguf: allow\n  pickel: allow\n", 11),
            (head + good + "formats:\n  gguf: allow\n  pickle: yes\n", 11),
            (head + good + "formats:\n  gguf:\n    require: { virus: x }\n", 11),
            (head + good + "formats: {}\n", 9), (head + good + "waivers:\n  verdicts: [review]\n", 9),
            (head + good + "waivers:\n  days_max: 9\n  verdicts: [block]\n", 11),
            (head + good + "waivers:\n  verdicts: [review]\n  days_max: 4000\n", 11),
            (head + good + "waivers:\n  rules: [inspection.crashed]\n  days_max: 4\n", 10),
            (head + good + "on_recheck_failure: delete\n", 9),
            ("name: n\nversion: \"1\"\nrules:\n" + good, 1), (head + good + "  - {\n", 10), (head + "\t- x\n", 5),
        ])
    func lines(text: String, line: Int) throws {
        let yaml = Array(text.utf8)
        let fault = #expect(throws: PolicyFault.self) { try Policy(parsing: yaml) }
        #expect(fault?.line(in: yaml) == line, "\(String(describing: fault))")
        #expect(fault?.description.contains("(") == false, "\(String(describing: fault))")
    }
}
