/// Rules about GGUF files.
enum GGUFRules {
    static let all: [Rule] = header + tensors + layout

    private static let regenerate = "Do not load the file. Convert the model again from its source with a current tool."
    private static let askPublisher = "Compare the file with its publisher's digest, and ask for a correct one."

    private static let header: [Rule] = [
        Rule(
            .ggufMalformed, .critical, .block, "The GGUF header is malformed",
            meaning: "The header contradicts the format. Parsers have been attacked with such files.",
            remedy: regenerate),
        Rule(
            .ggufTruncated, .high, .block, "The GGUF file ends early",
            meaning: "The header announces more than the file contains: it was cut off, or the numbers in it are lies.",
            remedy: "Transfer the file again and compare its digest with the publisher's."),
        Rule(
            .ggufUnsupportedVersion, .medium, .undecided, "This version of GGUF cannot be inspected",
            meaning: "Versions 2 and 3 are read. Version 1 was abandoned, later ones are not known yet.",
            remedy: "Convert the model to version 3."),
        Rule(
            .ggufBigEndian, .medium, .undecided, "Big-endian GGUF files cannot be inspected",
            meaning: "The file is written for big-endian machines and was not scanned.",
            remedy: "Publish the little-endian file."),
        Rule(
            .ggufDuplicateKey, .high, .block, "A metadata key occurs twice",
            meaning:
                "Some readers take the first value, others the last, llama.cpp refuses the file. A check may have seen "
                + "another value than the runtime will.",
            remedy: regenerate),
        Rule(
            .ggufKeyCase, .medium, .review, "Metadata keys differ only in upper and lower case",
            meaning: "Keys are written in lower case. A second spelling may be meant to be mistaken for the first.",
            remedy: askPublisher),
        Rule(
            .ggufEmptyKey, .medium, .review, "A metadata key is empty",
            meaning: "llama.cpp refuses such a file; other readers may accept it.", remedy: regenerate),
        Rule(
            .ggufNotUTF8, .medium, .review, "A name or text is not UTF-8",
            meaning: "GGUF text is UTF-8. What these bytes are shown as differs from program to program.",
            remedy: askPublisher),
        Rule(
            .ggufBool, .low, .review, "A boolean is neither 0 nor 1",
            meaning: "Readers disagree about what such a value means.", remedy: regenerate),
        Rule(
            .ggufNestedArray, .medium, .review, "Metadata contains arrays of arrays",
            meaning: "llama.cpp refuses such files, and readers that accept them have been crashed by deep nesting.",
            remedy: askPublisher),
        Rule(
            .ggufNoArchitecture, .medium, .review, "general.architecture is missing",
            meaning: "The file does not say what kind of model it is. No runtime can load it as a model.",
            remedy: askPublisher),
        Rule(
            .ggufVocabulary, .high, .review, "The lists of the vocabulary contradict each other",
            meaning:
                "There are more or fewer scores or types than tokens. Readers that believe the number of tokens read "
                + "beyond the end of the shorter list.",
            remedy: regenerate),
        Rule(
            .ggufMetadataCode, .medium, .review, "The metadata contains code",
            meaning:
                "A text in the header, other than a chat template, looks like a script or a template. Runtimes do not "
                + "run it; tools that print, render or evaluate metadata might.",
            remedy: "Read the text. Ask the publisher for a file without it."),
        Rule(
            .ggufSplit, .high, .review, "The split.* metadata contradicts itself",
            meaning: "The file says that it is a part of a model, but part, number of parts and tensors do not fit.",
            remedy: askPublisher),
    ]

    private static let tensors: [Rule] = [
        Rule(
            .ggufNoTensors, .medium, .review, "The file contains no tensors",
            meaning: "There are no weights in it. It may hold only a vocabulary, or be a shell for something else.",
            remedy: "Use it only if you expect a vocabulary file."),
        Rule(
            .ggufTensorName, .medium, .review, "A tensor's name is empty, too long or holds NUL",
            meaning:
                "ggml keeps 63 bytes of a name, and none behind a NUL. Such names may be cut to one that another "
                + "tensor has.",
            remedy: askPublisher),
        Rule(
            .ggufDuplicateTensor, .high, .block, "Two tensors have the same name",
            meaning: "Which of the two a runtime loads is a matter of chance; a check may have looked at the other.",
            remedy: regenerate),
        Rule(
            .ggufDimensions, .medium, .review, "A tensor has more than four dimensions",
            meaning: "ggml refuses such tensors.", remedy: askPublisher),
        Rule(
            .ggufZeroElements, .low, .review, "A tensor has no elements",
            meaning: "One of its dimensions is zero. Models have no use for such a tensor.", remedy: askPublisher),
        Rule(
            .ggufSizeOverflow, .critical, .block, "A tensor's size overflows",
            meaning:
                "Its dimensions multiply to more than 64 bits can say. Readers that do not notice reserve too little "
                + "memory and write beyond it.",
            remedy: "Do not use the file. Report it to where it came from."),
        Rule(
            .ggufUnknownType, .high, .undecided, "A tensor has a type that is not known",
            meaning: "How many bytes such a tensor takes is not known, so its place in the file could not be checked.",
            remedy: "If the type is newer than this server, update the server. Otherwise do not use the file."),
        Rule(
            .ggufPartialBlock, .high, .block, "A tensor's rows do not fill its blocks",
            meaning: "Quantised types store whole blocks. A row that ends within a block makes readers read beyond it.",
            remedy: regenerate),
    ]

    private static let layout: [Rule] = [
        Rule(
            .ggufMisaligned, .high, .block, "A tensor is not aligned",
            meaning:
                "It does not begin at a multiple of the file's alignment. llama.cpp refuses the file, and others may "
                + "read the wrong bytes.",
            remedy: regenerate),
        Rule(
            .ggufTensorOutside, .critical, .block, "A tensor lies outside the file",
            meaning: "The file is truncated, or an offset points where it must not. Reading it may disclose memory.",
            remedy: "Transfer the file again. If the digest is the publisher's, do not use it."),
        Rule(
            .ggufTensorOverlap, .critical, .block, "Tensors overlap",
            meaning: "Two tensors share bytes. No converter writes such files.", remedy: regenerate),
        Rule(
            .ggufGap, .high, .review, "There are bytes between tensors that belong to none",
            meaning: "Something is stored where no reader looks. llama.cpp refuses such files.", remedy: askPublisher),
        Rule(
            .ggufOrder, .low, .review, "Tensors are not in the order of the header",
            meaning: "ggml expects the data in the order in which the header lists it, and refuses the file otherwise.",
            remedy: askPublisher),
        Rule(
            .ggufPadding, .medium, .review, "Padding is not zero",
            meaning:
                "The bytes that align tensors are zeros in files that converters write. Here they carry something.",
            remedy: askPublisher),
        Rule(
            .ggufTrailingBytes, .high, .review, "There are bytes behind the last tensor",
            meaning: "Something was appended to the file. No reader of GGUF looks at it, other programs might.",
            remedy: askPublisher),
    ]
}
