/// Rules about chat templates, which are programs: a runtime executes them for every request.
enum TemplateRules {
    static let all: [Rule] = attacks + oddities

    private static let refuse = "Do not use the model with this template. Report it to where it came from."
    private static let read = "Read the template. Replace it by the publisher's original if you cannot explain it."

    private static let attacks: [Rule] = [
        Rule(
            .templateDunder, .critical, .block, "The template reaches into Python's internals",
            meaning:
                "Names like __class__ and __globals__ lead from any value to the interpreter and to commands of the "
                + "operating system. No chat template needs one.",
            remedy: refuse),
        Rule(
            .templateUnsafeAttribute, .critical, .block, "The template uses an attribute that leads to the interpreter",
            meaning:
                "Frames, code objects and method resolution lead out of the sandbox; os, popen and eval need no words.",
            remedy: refuse),
        Rule(
            .templateUnsafeName, .critical, .block, "The template uses a name that attacks start from",
            meaning:
                "Objects such as lipsum, cycler, request or config hold references to Python modules. Chat templates "
                + "have no use for them.",
            remedy: refuse),
        Rule(
            .templateEscapedName, .critical, .block, "The template spells a name with escapes",
            meaning: "Letters or underscores are written as codes, which serves only to hide them from a check.",
            remedy: refuse),
        Rule(
            .templateImport, .high, .block, "The template loads other templates",
            meaning: "include, import and extends read files by name. A chat template consists of one text.",
            remedy: refuse),
    ]

    private static let oddities: [Rule] = [
        Rule(
            .templateMalformed, .medium, .review, "The template cannot be read",
            meaning: "A block, a text or a bracket is not closed. What a runtime makes of it is not known.",
            remedy: read),
        Rule(
            .templateUnread, .high, .undecided, "A template is too large to be inspected",
            meaning: "The template was not read. Real ones have a few kilobytes.", remedy: read),
        Rule(
            .templateAttributeFilter, .high, .review, "The template looks attributes up by computed names",
            meaning:
                "The attr filter and its relatives read attributes whose names do not stand in the text.",
            remedy: read),
        Rule(
            .templateStringBuilding, .high, .review, "The template builds names from pieces",
            meaning:
                "Underscores are joined, repeated or formatted together, as attacks do to hide __class__ and the like.",
            remedy: read),
        Rule(
            .templateComputedIndex, .high, .review, "The template joins a text and uses it as an index",
            meaning:
                "x['a' ~ b] reads a part of a value whose name does not stand in the text: a way to write __class__ "
                + "without writing it.",
            remedy: read),
        Rule(
            .templateUnknownCall, .medium, .review, "The template calls something unusual",
            meaning: "The function or method is none that chat templates commonly use.", remedy: read),
        Rule(
            .templateUnknownFilter, .medium, .review, "The template uses an unusual filter or test",
            meaning: "The filter or test is none that chat templates commonly use.", remedy: read),
        Rule(
            .templateUnknownTag, .medium, .review, "The template uses an unknown tag",
            meaning: "The tag is not part of Jinja or of the extensions that chat templates use.", remedy: read),
        Rule(
            .templateUnusualName, .medium, .review, "The template uses letters beyond ASCII in names",
            meaning: "Letters that look alike let two names appear as one.", remedy: read),
        Rule(
            .templateExpensive, .medium, .review, "The template may take very long or very much memory",
            meaning: "A loop or a repetition with a huge number lets one request occupy the machine.", remedy: read),
    ]
}
