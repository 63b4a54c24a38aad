/// What other programs say of a file. It never makes a verdict better.
enum ScannerRules {
    static let all: [Rule] = [
        Rule(
            .scannerThreat, .critical, .block, "Another scanner knows it as bad",
            meaning: "A scanner that the registry asks found what must not be loaded. The detail names the scanner.",
            remedy: "Do not load it. If the scanner is wrong, tell whoever makes its rules."),
        Rule(
            .scannerSuspicion, .high, .review, "Another scanner finds it suspicious",
            meaning:
                "A scanner that the registry asks found what a person should look at. The detail names the scanner.",
            remedy: "Look at what the scanner names. If it is harmless, a waiver says so."),
        Rule(
            .scannerFailed, .medium, .undecided, "Another scanner came to no result",
            meaning: "A scanner that the registry asks did not answer, took too long or answered what cannot be read.",
            remedy: "See to the scanner, then try again."),
        Rule(
            .scannerNotScanned, .medium, .undecided, "Another scanner cannot take the file",
            meaning: "The file is larger than a scanner takes, so that the scanner has not looked at it.",
            remedy: "Raise the scanner's limit, or let the policy admit it by a waiver."),
        Rule(
            .scannerTensorsSkipped, .info, .clean, "Another scanner has not looked at the tensors",
            meaning: "The file is larger than a scanner takes. It was given everything that is no tensor.",
            remedy: "Nothing, unless you want tensors scanned: raise the scanner's limit."),
    ]
}
