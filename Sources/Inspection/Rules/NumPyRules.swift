/// Rules about NumPy files.
enum NumPyRules {
    private static let saveAgain = "Do not load the file. Save the array again with numpy.save."

    static let all: [Rule] = [
        Rule(
            .numpyMalformed, .critical, .block, "The NumPy header is malformed",
            meaning:
                "The header is not the literal that the format prescribes. NumPy hands it to a parser of Python, which "
                + "has been attacked with such headers.",
            remedy: saveAgain),
        Rule(
            .numpyTruncated, .high, .block, "The NumPy file ends early",
            meaning: "The header announces more than the file contains.",
            remedy: "Transfer the file again and compare its digest with the publisher's."),
        Rule(
            .numpyTrailingBytes, .high, .block, "There are bytes behind the array",
            meaning: "The file is longer than its header says. Another program may see another format in the rest.",
            remedy: saveAgain),
        Rule(
            .numpyUnknownType, .medium, .undecided, "The type of the array's elements is not known",
            meaning: "How long the array is, and whether it holds objects of Python, cannot be told.",
            remedy: "Save the array with a type that NumPy itself defines."),
        Rule(
            .numpyObjects, .high, .review, "The array holds objects of Python",
            meaning:
                "Its elements are a pickle, which is a program. NumPy runs it only where it is told to allow that.",
            remedy: "Save numbers and texts in arrays of their own types. Do not load it with allow_pickle=True."),
    ]
}

/// Rules about archives of PyTorch.
enum TorchRules {
    static let all: [Rule] = [
        Rule(
            .torchScript, .high, .review, "The archive contains a TorchScript program",
            meaning: "torch.jit.load runs the code in it. Weights alone need none.",
            remedy: "Read the code, or publish the weights as safetensors.")
    ]
}
