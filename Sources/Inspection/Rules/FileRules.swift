/// Rules about a file as a whole.
enum FileRules {
    static let all: [Rule] = [
        Rule(
            .fileEmpty, .medium, .review, "The file is empty",
            meaning: "There is nothing in the file. An upload may have failed, or a placeholder was published.",
            remedy: "Publish the file again, or leave it out of the artifact."),
        Rule(
            .fileUnreadable, .high, .undecided, "The file could not be read",
            meaning: "Reading failed before the inspection was finished. Nothing is known about the content.",
            remedy: "Look for a failing disk in the server's log, then start the inspection again."),
        Rule(
            .fileLimit, .medium, .undecided, "The file exceeds a limit of the inspection",
            meaning:
                "A number in the file is larger than the inspection is willing to follow, so part of it was not read.",
            remedy: "If the file is genuine, inspect it by hand and record a waiver, or ask for the limit to be raised."
        ),
        Rule(
            .fileUnknownFormat, .medium, .undecided, "The format is not known",
            meaning: "The content is neither text nor of a format that the inspection recognises. It may be anything.",
            remedy: "Find out what the file is for. Leave it out of the artifact if no runtime needs it."),
        Rule(
            .fileUnsupportedFormat, .medium, .undecided, "The format is recognised but cannot be inspected",
            meaning: "The inspection knows what the file is and cannot look inside. It was not scanned.",
            remedy: "Publish the content as safetensors or GGUF, or have it scanned by a tool that reads this format."),
        Rule(
            .fileExtensionMismatch, .medium, .review, "The name promises another format than the content has",
            meaning:
                "Programs that go by the extension treat the file differently from programs that go by the content.",
            remedy: "Rename the file to what it is, and ask its publisher why it was misnamed."),
        Rule(
            .fileExecutable, .high, .review, "The file is a program",
            meaning: "The file is native code for a processor. Whoever loads or starts it runs that code.",
            remedy: "Admit it only if the artifact is meant to contain programs and you trust who built this one."),
        Rule(
            .fileDisguisedExecutable, .critical, .block, "A program under the name of something else",
            meaning:
                "The content is native code, but the name says that it is data. This is how malware is smuggled in.",
            remedy: "Do not use the artifact. Report it to where it came from."),
        Rule(
            .filePolyglot, .high, .block, "The file is two formats at once",
            meaning:
                "Behind or around the format that the file begins with there is a second one. Two programs that read "
                + "this file see different content, so that one of them can be shown a harmless part.",
            remedy: "Do not use the file. Ask its publisher for one without appended data."),
        Rule(
            .reportTruncated, .info, .clean, "More was found than is listed",
            meaning: "The list of findings has a limit. The verdict takes those into account that are not listed.",
            remedy: "Solve what is listed and inspect again."),
        Rule(
            .reportTooLarge, .medium, .undecided, "The report exceeds its limit",
            meaning: "The description of the tensors is larger than a report may be, so that it cannot be passed on.",
            remedy: "Split the model into several files."),
    ]
}
