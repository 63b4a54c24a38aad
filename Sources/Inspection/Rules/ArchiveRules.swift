/// Rules about archives of any format.
enum ArchiveRules {
    static let all: [Rule] = names + links + contents

    private static let packAgain = "Do not unpack or load the file. Ask its publisher to pack it again."

    private static let names: [Rule] = [
        Rule(
            .archiveUnsafeName, .critical, .block, "A member's name leads out of the archive or is no name",
            meaning:
                "A program that unpacks the archive by its names writes where it should not: names that are absolute, "
                + "contain .. or control characters are how files of the system are overwritten.",
            remedy: packAgain),
        Rule(
            .archiveBackslashName, .medium, .review, "A member's name contains a backslash",
            meaning: "It separates folders on some systems and is an ordinary character on others.",
            remedy: "Ask the publisher to pack the archive again with a program that writes slashes."),
        Rule(
            .archiveDuplicateName, .critical, .block, "Two members have the same name",
            meaning:
                "Some programs take the first, some the last: a check may see another member than the one that is "
                + "used.",
            remedy: packAgain),
        Rule(
            .archiveSimilarNames, .medium, .review, "Two names differ in upper and lower case only",
            meaning: "Where file names ignore case the one overwrites the other when the archive is unpacked.",
            remedy: "Ask the publisher to give the members different names."),
    ]

    private static let links: [Rule] = [
        Rule(
            .archiveOutsideLink, .critical, .block, "A link in the archive leads out of it",
            meaning:
                "Once it is unpacked, what is read or written through the link is a file of the system that the "
                + "archive has no business with.",
            remedy: packAgain),
        Rule(
            .archiveLink, .medium, .review, "The archive contains a link",
            meaning: "The link leads to another member. Programs differ in whether and when they follow it.",
            remedy: "Ask the publisher to put a copy of the file in its place."),
        Rule(
            .archiveSpecialFile, .high, .block, "The archive contains a device or a pipe",
            meaning: "Unpacked with rights, it gives access to hardware or makes programs hang. No model needs it.",
            remedy: packAgain),
        Rule(
            .imageSpecialFile, .medium, .review, "The image contains a device or a pipe",
            meaning:
                "Layers of container images may. In a container with rights it gives access to hardware; in one "
                + "without it is refused or does nothing.",
            remedy: "Find out what the image needs it for, and run it without the right to use devices."),
    ]

    private static let contents: [Rule] = [
        Rule(
            .archiveEncrypted, .high, .undecided, "A member is encrypted",
            meaning: "Nobody without its password can look into it, so that it was not scanned.",
            remedy: "Ask the publisher for an archive without encryption."),
        Rule(
            .archiveRatio, .high, .undecided, "The content is over a thousand times as large as its compressed form",
            meaning: "Data that expands so much is made to fill memory or disk. It was not read to its end.",
            remedy: "Do not unpack the file where it matters. Ask the publisher what it is for."),
        Rule(
            .archiveUnsupportedMember, .medium, .undecided, "A member is stored in a way that cannot be read",
            meaning: "The compression method or the type of the member is not known. It was not scanned.",
            remedy: "Ask the publisher to pack the archive again, with deflate or without compression."),
        Rule(
            .archiveDamagedMember, .high, .block, "A member cannot be decoded to what the archive says",
            meaning:
                "The compressed data is broken, ends early or late, or has another length. Programs differ in what "
                + "they make of it.",
            remedy: "Transfer the file again and compare its digest with the publisher's."),
        Rule(
            .archiveChecksum, .critical, .block, "A member's checksum is wrong",
            meaning:
                "Careful programs refuse the member, others use it unchecked. Scanners have been blinded in this way.",
            remedy: "Transfer the file again. If its digest is the publisher's, do not use it."),
        Rule(
            .archiveTrailingBytes, .high, .block, "There are bytes behind the end of the archive",
            meaning: "Another program may see a second archive or another format in them.",
            remedy: packAgain),
        Rule(
            .archiveNoMembers, .medium, .review, "The archive is empty",
            meaning: "There is nothing in it.", remedy: "Ask the publisher what the file is for."),
    ]
}
