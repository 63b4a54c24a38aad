/// Rules about tar archives.
enum TarRules {
    static let all: [Rule] = [
        Rule(
            .tarMalformed, .high, .block, "The tar archive is malformed",
            meaning: "A header is not what the format prescribes. Programs differ in what they make of the rest.",
            remedy: "Transfer the file again, or ask its publisher to pack it again."),
        Rule(
            .tarTruncated, .high, .block, "The tar archive ends early",
            meaning: "A header announces more than the file contains.",
            remedy: "Transfer the file again and compare its digest with the publisher's."),
        Rule(
            .tarAmbiguous, .critical, .block, "A header of the tar archive says two things",
            meaning:
                "Sizes or names are told in two places that disagree. Programs that believe the one read other members "
                + "than programs that believe the other.",
            remedy: "Do not unpack the file. Ask its publisher to pack it again."),
    ]
}

/// Rules about files that are compressed as a whole.
enum CompressionRules {
    static let all: [Rule] = [
        Rule(
            .compressedMalformed, .high, .block, "The compressed data is malformed",
            meaning: "It cannot be decoded, or its checksum is wrong. Some programs use what came before the error.",
            remedy: "Transfer the file again and compare its digest with the publisher's."),
        Rule(
            .compressedTruncated, .high, .block, "The compressed data ends early",
            meaning: "The end of the data is missing. Some programs use what is there.",
            remedy: "Transfer the file again and compare its digest with the publisher's."),
    ]
}
