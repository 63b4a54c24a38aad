/// Rules about ZIP archives.
enum ZipRules {
    private static let packAgain = "Do not unpack or load the file. Ask its publisher to pack it again."

    static let all: [Rule] = [
        Rule(
            .zipMalformed, .critical, .block, "The ZIP archive is malformed",
            meaning: "Its directory is not what the format prescribes. Some programs guess, and guess differently.",
            remedy: packAgain),
        Rule(
            .zipTruncated, .high, .block, "The ZIP archive ends early",
            meaning: "The record at its end, or a part of the directory, is missing.",
            remedy: "Transfer the file again and compare its digest with the publisher's."),
        Rule(
            .zipDirectoriesDiffer, .critical, .block, "The two directories of the ZIP archive disagree",
            meaning:
                "A ZIP archive describes each member twice. Programs that believe the one see another archive than "
                + "programs that believe the other.",
            remedy: packAgain),
        Rule(
            .zipHiddenBytes, .critical, .block, "The ZIP archive holds something that its directory does not list",
            meaning:
                "Bytes before, between or behind the members belong to none of them. Programs that read the file from "
                + "its beginning find members there, or another format.",
            remedy: packAgain),
        Rule(
            .zipOverlap, .critical, .block, "Members of the ZIP archive overlap",
            meaning:
                "The same bytes belong to several members. So a small archive holds a huge content, which fills memory "
                + "or disk.",
            remedy: packAgain),
        Rule(
            .zipAmbiguousEnd, .critical, .block, "The end of the ZIP archive can be read in two ways",
            meaning:
                "Programs find the directory by the record at the end. There are two that disagree, or one that does "
                + "not fit the directory.",
            remedy: packAgain),
        Rule(
            .zipMultiDisk, .medium, .undecided, "The ZIP archive is one part of several",
            meaning: "It refers to parts that are other files. It cannot be read without them.",
            remedy: "Ask the publisher for an archive in one file."),
        Rule(
            .zipFalseEncryption, .critical, .block, "A member claims to be encrypted or patched and is not",
            meaning:
                "Scanners give up at the claim, while programs that do not look at it read the member as it is. This "
                + "is how malicious pickles were hidden from them.",
            remedy: "Do not use the artifact. Report it to where it came from."),
        Rule(
            .zipNameEncoding, .low, .review, "A member's name is in no known encoding",
            meaning: "The name is not ASCII and not marked as UTF-8, so that it depends on the program what it reads.",
            remedy: "Ask the publisher to pack the archive again with a current program."),
    ]
}
