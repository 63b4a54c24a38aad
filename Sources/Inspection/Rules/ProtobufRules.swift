/// Rules about messages of Protocol Buffers, whichever format they carry.
enum ProtobufRules {
    private static let writeAgain = "Do not load the file. Ask its publisher to export the model again."

    static let all: [Rule] = [
        Rule(
            .protobufMalformed, .high, .block, "The message is malformed",
            meaning:
                "Lengths, numbers or types of fields are not as the encoding prescribes, or there are bytes behind the "
                + "message. Careful readers refuse it, others use what stands before the mistake.",
            remedy: writeAgain),
        Rule(
            .protobufTruncated, .high, .block, "The message ends early",
            meaning: "A field announces more than the file contains.",
            remedy: "Transfer the file again and compare its digest with the publisher's."),
        Rule(
            .protobufDuplicateField, .high, .block, "A field is there twice that may be there once",
            meaning:
                "Some readers join the two, some take the first, some the last: a check may see another model than the "
                + "runtime. Two models in one file look like this.",
            remedy: writeAgain),
        Rule(
            .protobufUnknownField, .medium, .review, "There is a field that the format does not know",
            meaning: "Readers skip what they do not know. It was not inspected.",
            remedy: "Find out which program wrote the file and what it keeps there."),
        Rule(
            .protobufWireType, .high, .block, "A field is encoded as something else than it is",
            meaning: "Readers differ: some ignore such a field, some take it.", remedy: writeAgain),
    ]
}
