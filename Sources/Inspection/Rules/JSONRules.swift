/// Rules about configuration and tokenizer files.
enum JSONRules {
    static let all: [Rule] = [
        Rule(
            .jsonMalformed, .medium, .review, "The file is not valid JSON",
            meaning:
                "By its name it is JSON, but it is not. Lenient readers may still make something of it.",
            remedy: "Correct the file."),
        Rule(
            .jsonDuplicateKey, .high, .block, "A name occurs twice in an object",
            meaning:
                "Readers disagree about which value counts, so that a check can be shown another than the runtime.",
            remedy: "Correct the file."),
        Rule(
            .jsonRemoteCode, .high, .review, "The configuration names code of its own",
            meaning:
                "auto_map, auto_mapping or a folder of code makes libraries import Python from the model's folder, "
                + "most of them only when remote code is trusted.",
            remedy: "Read that code. Prefer a model that the library supports without it."),
        Rule(
            .jsonForeignCode, .critical, .block, "The configuration loads code from another repository",
            meaning:
                "What is run does not belong to this artifact, is not inspected with it and can change at any time.",
            remedy: "Do not use the artifact as it is. Put the code into the artifact and review it."),
        Rule(
            .jsonTrustRemoteCode, .high, .review, "The configuration switches trust in remote code on",
            meaning: "A file that is loaded asks that code from the model's folder be run without a question.",
            remedy: "Remove the setting. It is for the person who loads the model to decide."),
        Rule(
            .jsonCustomPipeline, .high, .review, "The configuration names a pipeline of its own",
            meaning:
                "custom_pipelines of transformers, or a list in place of the class in a pipeline of diffusers, imports "
                + "a Python class from the model's folder.",
            remedy: "Read that code. Prefer a pipeline that the library has."),
        Rule(
            .jsonForeignKernel, .critical, .block,
            "The configuration loads an attention kernel from another repository",
            meaning:
                "An attention implementation that names a repository is fetched and run as native code, in some "
                + "versions even when remote code is not trusted.",
            remedy: "Remove the setting."),
        Rule(
            .jsonOutsidePath, .critical, .block, "The configuration names files outside the artifact",
            meaning:
                "A list of files or parts contains a path that leaves the model's folder. Loaders would read, or "
                + "fetch, what does not belong to the artifact.",
            remedy: "Do not use the artifact. Report it to where it came from."),
    ]
}
