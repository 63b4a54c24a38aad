import Inspection
import ModelFormats
import Testing

@Suite("Chat templates")
struct ChatTemplateTests {
    private func rules(_ template: String) -> [RuleID] { Sample.template(template).inspect().findings.map(\.rule) }

    @Test("Templates in the style of well-known models are clean", arguments: ChatTemplates.benign)
    func benign(name: String, template: String) {
        #expect(rules(template) == [], "\(name)")
    }

    @Test("Each benign template is found out once it attacks", arguments: ChatTemplates.benign)
    func poisoned(name: String, template: String) {
        let attack = "{% if messages|length > 3 %}{{ messages.__class__.__mro__ }}{% endif %}"
        #expect(rules(template + attack).contains(.templateDunder), "\(name)")
        #expect(rules(attack + template).contains(.templateDunder), "\(name)")
    }

    @Test("Known attacks are blocked", arguments: ChatTemplates.attacks)
    func attacks(template: String) {
        #expect(Sample.template(template).inspect().verdict == .block)
    }

    @Test("Attacks that hide their words are at least not clean", arguments: ChatTemplates.evasions)
    func evasions(template: String) {
        #expect(Sample.template(template).inspect().verdict >= .review)
    }

    @Test("Templates are found wherever runtimes look for them")
    func places() {
        let attack = "{{ x.__class__ }}"
        let samples: [Sample] = [
            .gguf("GGUF") { $0.string("tokenizer.chat_template", attack) },
            .gguf("GGUF, second template") { $0.string("tokenizer.chat_template.rag", attack) },
            .json("string", #"{"chat_template":"\#(attack)"}"#, name: "tokenizer_config.json"),
            .json("list", #"{"chat_template":[{"name":"default","template":"\#(attack)"}]}"#),
            .json("map", #"{"chat_template":{"default":"\#(attack)"}}"#),
            .json("escaped", #"{"chat_\u0074emplate":"{{ x.\u005f_class_\u005f }}"}"#),
            .json("another name", #"{"default_chat_template":"\#(attack)"}"#),
            .json("no name", #"{"x":{"y":["\#(attack)"]}}"#),
            Sample("file", name: "chat_template.jinja", text: attack),
            Sample("nameless", name: "template", text: attack),
            Sample("begins like an array", name: "chat_template.jinja", text: "[gMASK]<sop>\(attack)"),
            Sample("begins like an object", name: "chat_template.jinja", text: "{ \(attack)"),
            Sample("begins like a script", name: "chat_template.jinja", text: "#!\(attack)"),
            Sample("is JSON", name: "chat_template.jinja", text: "[\"\(attack)\"]"),
        ]
        for sample in samples {
            #expect(sample.inspect().verdict == .block, "\(sample.title)")
        }
    }

    @Test(
        "Template code is found in texts that begin like something else",
        arguments: ["[link] ", "{ ", "[1,", "#!/bin/sh\n", "version https://git-lfs.github.com/spec/v1\n"])
    func beginnings(beginning: String) {
        for name in ["a.txt", "a.md", "a.json", "a"] {
            let report = Sample("text", name: name, text: beginning + "{{ x.__class__ }}").inspect()
            #expect(report.findings.contains { $0.rule == .textTemplateCode }, "\(name)")
        }
    }

    @Test("A template that is too large to be read is undecided")
    func large() {
        let huge = String(repeating: "x", count: (512 << 10) + 1)
        #expect(Sample.gguf("huge") { $0.string("tokenizer.chat_template", huge) }.inspect().verdict == .undecided)
        #expect(Sample.json("huge", #"{"chat_template":"\#(huge)"}"#).inspect().verdict == .undecided)
    }

    @Test("More templates than are kept are undecided")
    func many() {
        let sample = Sample.gguf("many") { builder in
            for index in 0..<80 { builder.string("tokenizer.chat_template.t\(index)", "{{ x }}") }
        }
        #expect(sample.inspect().verdict == .undecided)
    }

    @Test("Other template languages with the same braces are texts, unless their name promises Jinja")
    func otherLanguages() {
        let go = "{{- if .System }}{{ .System }}{{ end }}{{ range $i, $m := .Messages }}{{ $m.Content }}{{ end }}"
        #expect(Sample("Go", name: "template", text: go).inspect().verdict == .clean)
        #expect(Sample("Go", name: "template.jinja", text: go).inspect().verdict == .review)
    }

    @Test(
        "Hostile templates take no time worth speaking of",
        arguments: [
            String(repeating: "{{ 'a' + 'b' }}", count: 30_000),
            "{{ " + String(repeating: "'a' ~ ", count: 80_000) + "x }}",
            "{{ [" + String(repeating: "'_',", count: 100_000) + "]|join }}",
            String(repeating: "{{ ((((((1)))))) }}", count: 20_000),
            "{{ " + String(repeating: "'a'*999999+", count: 40_000) + "'b' }}",
            String(repeating: "{% for x in y %}", count: 30_000),
            "{{ 'a'" + String(repeating: "|reverse", count: 60_000) + " }}", String(repeating: "{#", count: 200_000),
            "{{ '" + String(repeating: "_", count: 500_000) + "' }}",
        ])
    func hostile(template: String) {
        let start = ContinuousClock.now
        _ = Sample.template(template).inspect()
        // Debug builds on a busy machine: the point is that nothing is quadratic.
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}
