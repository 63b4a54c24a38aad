/// Rules about HDF5 files.
enum HDF5Rules {
    static let all: [Rule] = structure + storage

    private static let transfer = "Transfer the file again and compare its digest with the publisher's."
    private static let inOneFile = "Do not load the file. Ask its publisher for one that holds its data itself."

    private static let structure: [Rule] = [
        Rule(
            .hdf5Malformed, .high, .block, "The HDF5 file is malformed",
            meaning:
                "A structure is not what the format prescribes. The library that reads such files is written in C, and "
                + "broken structures are how it is attacked.",
            remedy: transfer),
        Rule(
            .hdf5Truncated, .high, .block, "The HDF5 file ends early",
            meaning: "The file is shorter than it says itself.", remedy: transfer),
        Rule(
            .hdf5TrailingBytes, .high, .block, "There are bytes behind the end of the HDF5 file",
            meaning: "The file is longer than it says itself. Another program may see another format in the rest.",
            remedy: "Do not load the file. Ask its publisher to write it again."),
        Rule(
            .hdf5UserBlock, .medium, .review, "There is something before the HDF5 file",
            meaning:
                "The format leaves room at the beginning for whoever wants it. Models do not use it, and another "
                + "program may take the file for what stands there.",
            remedy: "Find out what it is for, or ask the publisher for a file without it."),
        Rule(
            .hdf5Overlap, .high, .block, "Datasets of the HDF5 file share bytes",
            meaning: "No program writes such files. One value stands for several, or a small file for a large one.",
            remedy: "Do not load the file. Ask its publisher to write it again."),
        Rule(
            .hdf5Unread, .medium, .undecided, "A part of the HDF5 file could not be read",
            meaning: "The file uses a structure that the inspection does not follow. It was not scanned.",
            remedy: "Ask the publisher to write the file again with the default settings of the library."),
    ]

    private static let storage: [Rule] = [
        Rule(
            .hdf5ExternalLink, .critical, .block, "A link in the HDF5 file leads to another file",
            meaning:
                "Whoever opens what the link names opens that file, wherever on the machine it is. In a model this "
                + "serves to read files which nobody meant to give away.",
            remedy: inOneFile),
        Rule(
            .hdf5ExternalStorage, .critical, .block, "The elements of a dataset are in another file",
            meaning:
                "Loading the weights reads that file, whatever it holds and wherever on the machine it is "
                + "(CVE-2026-1669).",
            remedy: inOneFile),
        Rule(
            .hdf5VirtualDataset, .critical, .block, "A dataset takes its elements from others",
            meaning:
                "A virtual dataset is put together from datasets of other files, wherever on the machine they are. "
                + "Loading the weights reads them.",
            remedy: inOneFile),
        Rule(
            .hdf5UserDefinedLink, .high, .review, "A link in the HDF5 file is of a kind of its own",
            meaning: "What it leads to is up to the program that registered the kind.",
            remedy: "Find out which program wrote the file and where the link leads."),
        Rule(
            .hdf5FilterPlugin, .medium, .review, "Reading the HDF5 file needs a plugin",
            meaning:
                "Data went through a filter that is not part of the library. To read it, the library loads native code "
                + "from a folder of plugins.",
            remedy: "Ask the publisher for a file that is compressed with gzip, or not at all."),
        Rule(
            .hdf5ShapeBomb, .high, .block, "A dataset claims to be far larger than it is",
            meaning:
                "It would take gigabytes of memory of which not a thousandth is in the file. Weights do not look like "
                + "this; files that exhaust memory do.",
            remedy: "Do not load the file. Ask its publisher to write it again."),
    ]
}
