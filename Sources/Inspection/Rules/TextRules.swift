/// Rules about plain text.
enum TextRules {
    static let all: [Rule] = [
        Rule(
            .textScript, .high, .review, "The file is a script",
            meaning: "Its name, its first line or a part of the page says that an interpreter can run it.",
            remedy: "Read it. Leave it out of the artifact if no runtime needs it."),
        Rule(
            .textLFSPointer, .medium, .undecided, "The file is a pointer, not the content",
            meaning:
                "Git LFS left the description of a file in place of the file. The content itself was never fetched, "
                + "so that nothing is known about it.",
            remedy: "Fetch the repository with Git LFS and publish it again."),
        Rule(
            .textControlCharacters, .medium, .review, "The text contains control characters",
            meaning: "Terminals act on some of them: they can hide text or rewrite what was printed before.",
            remedy: "Look at the file in a viewer that shows control characters."),
        Rule(
            .textBidirectional, .medium, .review, "The text contains characters that reorder it",
            meaning: "Bidirectional overrides show text in another order than programs read it.",
            remedy: "Look at the file in a viewer that shows such characters."),
        Rule(
            .textTemplateCode, .high, .review, "The text contains template code that reaches into the interpreter",
            meaning: "A program that renders this text as a template could be made to run commands.",
            remedy: "Find out whether any program renders the file. Remove the code."),
        Rule(
            .textEmbeddedCode, .high, .review, "The configuration contains code",
            meaning:
                "A text in it calls what starts programs, or fetches a program for a shell. It is run where something "
                + "evaluates the text.",
            remedy: "Find out what takes the text and what it does with it. Remove the code."),
        Rule(
            .textEntities, .medium, .review, "The XML defines entities",
            meaning:
                "Readers of XML put something else in place of an entity: another file of the machine, what an address "
                + "answers, or so many copies that memory ends. Models in XML need none.",
            remedy: "Read the definitions. Remove them, or load the file with a reader that refuses them."),
    ]
}
