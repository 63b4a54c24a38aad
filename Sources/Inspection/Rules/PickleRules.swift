/// Rules about pickle streams.
enum PickleRules {
    static let all: [Rule] = [
        Rule(
            .pickleDangerousGlobal, .critical, .block, "Loading the pickle runs something dangerous",
            meaning:
                "The pickle names something that runs code, starts programs, or reaches files, the network or further "
                + "pickles. Loading the file would call it with what the file says.",
            remedy: "Do not load the file. Report it to where it came from."),
        Rule(
            .pickleUnknownGlobal, .high, .review, "The pickle names something that is not known",
            meaning:
                "Loading imports this and may call it. It is neither of what model files are made of nor known to be "
                + "dangerous.",
            remedy: "Read what it does in the version that will load the file, or ask for the model as safetensors."),
        Rule(
            .pickleLibraryGlobal, .medium, .review, "The pickle builds objects of a library",
            meaning:
                "People save such objects with their models. What building one does is up to the library and its "
                + "version.",
            remedy: "Load it only with a version of the library that you trust, and from a publisher that you trust."),
        Rule(
            .pickleHiddenName, .critical, .block, "The pickle hides what it names",
            meaning:
                "The name of a module or of something in it is computed, spelled with escapes or with characters that "
                + "no program uses in names. Programs that write pickles do not do that.",
            remedy: "Do not load the file. Report it to where it came from."),
        Rule(
            .pickleComputedCall, .high, .review, "The pickle calls what another call returned",
            meaning: "What will be called is only known when the file is loaded.",
            remedy: "Do not load the file unless you know which program wrote it and why."),
        Rule(
            .pickleChangedGlobal, .critical, .block, "The pickle changes a class or a function",
            meaning:
                "It sets attributes of something that the whole program shares, so that code which runs later does "
                + "something else.",
            remedy: "Do not load the file. Report it to where it came from."),
        Rule(
            .pickleExtensionCode, .high, .review, "The pickle names something by a number",
            meaning:
                "The number stands for whatever the loading program registered under it (copyreg). It is not in the "
                + "file what that is.",
            remedy: "Find out which program registers the number, and what for."),
        Rule(
            .pickleOutsideObject, .medium, .review, "The pickle needs something that is not in the file",
            meaning:
                "It holds identifiers or buffers that the loading program has to supply. What they stand for was not "
                + "inspected.",
            remedy: "Find out which program wrote the file and what it keeps outside."),
        Rule(
            .pickleLateProtocol, .medium, .review, "The pickle declares its protocol in the middle",
            meaning: "Programs that write pickles declare it once, at the beginning. Two pickles may have been joined.",
            remedy: "Ask the publisher how the file was made."),
        Rule(
            .pickleFrame, .high, .block, "The frames of the pickle are wrong",
            meaning:
                "A frame says how many bytes belong together. Here it is not true, so that programs read different "
                + "things from the same file.",
            remedy: "Do not load the file. Ask its publisher for one that was not tampered with."),
        Rule(
            .pickleMalformed, .high, .block, "The pickle is broken",
            meaning:
                "A stream cannot be followed to its end. Loading does everything that stands before the broken place "
                + "all the same: malware uses this to stop scanners.",
            remedy: "Do not load the file. Fetch it again; if it is still broken, report it."),
        Rule(
            .pickleTrailingBytes, .medium, .review, "There is something behind the pickle",
            meaning:
                "After the last stream come bytes that are no pickle. They were searched for another pickle that does "
                + "something dangerous, and for nothing else.",
            remedy: "Find out which program wrote the file and what the rest is for."),
        Rule(
            .pickleNested, .high, .review, "The pickle carries another one that does more",
            meaning:
                "Bytes in it are a pickle of their own, and that one names something which model files are not made "
                + "of. Whoever loads the outer one does not load it yet.",
            remedy: "Find out what takes these bytes out and loads them. Do not let it."),
        Rule(
            .pickleNestedDangerous, .critical, .block, "The pickle carries another one that runs code",
            meaning:
                "Bytes in it, or behind it, are a pickle of their own, and that one calls something known to run code, "
                + "start programs, open files or reach a network. No model needs that; it waits for whoever loads it.",
            remedy: "Do not load the file. Report it to whoever published it."),
        Rule(
            .pickleExpensive, .medium, .review, "Loading the pickle takes far more than is in it",
            meaning:
                "It reserves memory by a number that has nothing to do with the size of the file, or builds values "
                + "that take very long to compare because the same parts are in them again and again.",
            remedy: "Find out which program wrote the file. Load it where running out of memory harms nobody."),
        Rule(
            .pickleUnread, .medium, .undecided, "A part of the pickle could not be read",
            meaning: "Where an array ends, and what comes behind it, cannot be told from its description.",
            remedy: "Ask for the model in another format, or have the file scanned by a tool that reads it."),
    ]
}
