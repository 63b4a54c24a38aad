/// Rules about safetensors files.
enum SafetensorsRules {
    private static let regenerate = "Do not load the file. Save the model again with a current safetensors library."

    static let all: [Rule] = [
        Rule(
            .safetensorsMalformed, .critical, .block, "The safetensors header is malformed",
            meaning: "The header is not what the format prescribes, so that readers may understand it differently.",
            remedy: regenerate),
        Rule(
            .safetensorsTruncated, .high, .block, "The safetensors file ends early",
            meaning: "The header announces more than the file contains.",
            remedy: "Transfer the file again and compare its digest with the publisher's."),
        Rule(
            .safetensorsDuplicateName, .high, .block, "A name occurs twice in the header",
            meaning:
                "Some readers take the first, some the last: a check may see another tensor than the runtime.",
            remedy: regenerate),
        Rule(
            .safetensorsLayout, .critical, .block, "Tensors overlap, leave holes or miss the end of the file",
            meaning:
                "The data must be covered exactly once. Holes and appended bytes hide a second format.",
            remedy: regenerate),
        Rule(
            .safetensorsLength, .critical, .block, "A tensor's range does not fit its shape",
            meaning: "Readers that believe the one or the other read different bytes, or beyond the end.",
            remedy: regenerate),
        Rule(
            .safetensorsUnknownMember, .medium, .review,
            "A tensor's description has more members than the format knows",
            meaning:
                "Only dtype, shape and data_offsets are defined. The rest may be meant for another reader.",
            remedy: "Ask the publisher what the member is for."),
        Rule(
            .safetensorsPadding, .low, .review, "The header is padded with something else than spaces",
            meaning: "The format allows spaces behind the header, and nothing else.",
            remedy: "Save the model again with a current safetensors library."),
        Rule(
            .safetensorsNoTensors, .medium, .review, "The file contains no tensors",
            meaning: "There are no weights in it.", remedy: "Ask the publisher what the file is for."),
        Rule(
            .safetensorsMetadataCode, .medium, .review, "The metadata contains code",
            meaning:
                "A text in the header looks like a script or a template. Loading tensors does not run it; tools that "
                + "print or evaluate metadata might.",
            remedy: "Read the text. Remove it if nothing needs it."),
    ]
}
