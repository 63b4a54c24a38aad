/// Rules about what the files of a model's repository make libraries import.
enum RepositoryRules {
    static let all: [Rule] = [
        Rule(
            .repositoryUnknownImport, .high, .review, "The configuration names code that is not known",
            meaning:
                "A library that loads the model imports what the file names. It is none of what such libraries name "
                + "themselves, and was not inspected.",
            remedy: "Read that code in the version that will be used, or ask for a model without it."),
        Rule(
            .repositoryDangerousImport, .critical, .block, "The configuration names something dangerous",
            meaning:
                "A library that loads the model imports what the file names, and may call it. This runs code, starts "
                + "programs, or reaches files or the network.",
            remedy: "Do not use the artifact. Report it to where it came from."),
        Rule(
            .repositoryYAMLObject, .critical, .block, "The YAML makes objects of a program",
            meaning:
                "A tag like !!python/object/apply or !!java.net.URL makes careless readers of YAML call what it names. "
                + "Descriptions of models do not need it.",
            remedy: "Do not use the artifact. Report it to where it came from."),
        Rule(
            .repositoryForeignPackage, .medium, .review, "Packages come from somewhere else",
            meaning:
                "The list of requirements names an address, a file, an index or another list, so that what is "
                + "installed is not what the index of the machine has under that name.",
            remedy: "Install by a list of your own, with versions and hashes."),
        Rule(
            .repositoryUnread, .medium, .undecided, "The description of the model could not be read",
            meaning: "What a library would import for it is not known.",
            remedy: "Ask the publisher to write the file again, as plain YAML."),
    ]
}
