/// Rules about graphs of TensorFlow.
enum TensorFlowRules {
    static let all: [Rule] = operators + contents

    private static let refuse = "Do not load the model. Report it to where it came from."

    private static let operators: [Rule] = [
        Rule(
            .tensorFlowDangerousOperator, .critical, .block, "The graph gets at files, the network or Python",
            meaning:
                "A node reads or writes files, opens connections or calls code when the model is run. To compute a "
                + "result no graph needs that; that savers read and write checkpoints is not meant.",
            remedy: refuse),
        Rule(
            .tensorFlowCheckpointOperator, .medium, .review, "The graph reads or writes checkpoints by itself",
            meaning:
                "The nodes by which a saver keeps a model are in a bare graph, or stand outside a saver and restore. "
                + "Whoever runs them chooses, or lets the graph choose, which file is used.",
            remedy: "Freeze the graph without them, or read which file they name."),
        Rule(
            .tensorFlowSystemOperator, .medium, .review, "The graph talks to devices or other machines",
            meaning:
                "Operators for clusters, accelerators or sessions do more than compute. Models that are to be run "
                + "elsewhere seldom need them.",
            remedy: "Ask the publisher for a model that was exported for serving."),
        Rule(
            .tensorFlowUnknownOperator, .high, .review, "The graph uses an operator that is not built in",
            meaning: "A runtime has to load a library to run it, and what that does is up to the library.",
            remedy: "Find out which library brings the operator, and admit the model only if you trust that library."),
        Rule(
            .tensorFlowShadowedOperator, .high, .review, "A function of the graph has the name of an operator",
            meaning: "TensorFlow runs the function in place of the operator: the graph does not do what it says.",
            remedy: "Ask the publisher for a model whose functions have names of their own."),
    ]

    private static let contents: [Rule] = [
        Rule(
            .tensorFlowOutsideAsset, .critical, .block, "The model names a file outside its assets",
            meaning: "An asset's name leads out of the model's folder: whoever loads the model reads that file.",
            remedy: refuse),
        Rule(
            .tensorFlowPayload, .medium, .review, "A collection holds a message of any type",
            meaning: "Programs that know the type do with it what they like. It was not inspected.",
            remedy: "Find out which program wrote it and what for."),
        Rule(
            .tensorFlowTensorData, .high, .block, "The data of a constant does not fit its shape",
            meaning: "The data is shorter or longer than shape and type require, or its size overflows.",
            remedy: refuse),
        Rule(
            .tensorFlowExpansion, .medium, .review, "A constant takes more than a gibibyte made from a few bytes",
            meaning: "Loading the graph fills memory with copies of one value.",
            remedy: "Ask the publisher what the constant is for."),
        Rule(
            .tensorFlowTextGraph, .high, .review, "The graph is written as text",
            meaning:
                "Operators were searched for by their names. The text form allows names to be written in ways that "
                + "such a search does not see.",
            remedy: "Ask for the binary form (saved_model.pb), which is read completely."),
        Rule(
            .tensorFlowVariables, .info, .review, "Values of variables, which have no format of their own",
            meaning:
                "By its name the file belongs to a checkpoint: bytes that an index divides into tensors, or that "
                + "index. There is nothing in it by which it could be checked.",
            remedy: "Admit it together with the SavedModel that it belongs to, or publish the weights as safetensors."),
    ]
}
