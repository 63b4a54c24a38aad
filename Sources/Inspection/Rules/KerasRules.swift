/// Rules about models of Keras, in whatever file their description stands.
enum KerasRules {
    private static let report = "Do not load the model. Report it to where it came from."
    private static let rebuild =
        "Ask the publisher for a model of layers that Keras has, or for the weights alone together with source code."

    static let all: [Rule] = [
        Rule(
            .kerasCode, .critical, .block, "The model carries code",
            meaning:
                "A Lambda layer or a function is stored as Python code, which is run when the model is loaded or used. "
                + "Files of the older format are loaded without a question (CVE-2024-3660, CVE-2025-9905).",
            remedy: rebuild),
        Rule(
            .kerasDangerousObject, .critical, .block, "The model names something dangerous",
            meaning:
                "Its description names a function or class that runs code, fetches or opens files, or switches safe "
                + "mode off. Versions of Keras import and call what a model names (CVE-2025-1550, CVE-2025-8747, "
                + "CVE-2025-9906).",
            remedy: report),
        Rule(
            .kerasEmbeddedPickle, .critical, .block, "The model carries a module of PyTorch",
            meaning:
                "TorchModuleWrapper stores a pickle, which is a program. Loading the model runs it, in some versions "
                + "in spite of safe mode (CVE-2025-49655).",
            remedy: rebuild),
        Rule(
            .kerasOutsideFile, .critical, .block, "The model reads a file that is not its own",
            meaning:
                "A layer takes its vocabulary, its weights or another model from a path or an address. Loading the "
                + "model reads that from the machine or the network (CVE-2025-12058, CVE-2026-1462).",
            remedy: report),
        Rule(
            .kerasRelativeFile, .medium, .review, "The model expects a file beside it",
            meaning:
                "A layer names a file, relative to wherever the program that loads the model was started. It is not "
                + "part of the model.",
            remedy: "Ask the publisher to store the vocabulary within the model."),
        Rule(
            .kerasNamedLambda, .high, .review, "A Lambda layer calls a function by its name",
            meaning: "The layer calls a function of Keras with arguments that the model chooses.",
            remedy: "Look at the function and its arguments, or ask for a model without Lambda layers."),
        Rule(
            .kerasCustomObject, .medium, .review, "The model needs classes that Keras does not have",
            meaning:
                "A layer, function or optimizer is none of Keras itself. Loading the model imports it, or asks the "
                + "program for it. It was not inspected.",
            remedy: "Find out where the class comes from and what it does when it is made from a description."),
        Rule(
            .kerasUnread, .medium, .undecided, "The model's description could not be read",
            meaning: "It is not JSON, or stored in a way that is not followed. What the model would do is not known.",
            remedy: "Ask the publisher to save the model again with a current version of Keras."),
    ]
}
