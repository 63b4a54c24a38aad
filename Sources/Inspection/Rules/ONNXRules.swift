/// Rules about models of ONNX.
enum ONNXRules {
    static let all: [Rule] = operators + files + contents

    private static let refuse = "Do not load the model. Report it to where it came from."

    private static let operators: [Rule] = [
        Rule(
            .onnxDangerousOperator, .critical, .block, "The model calls Python or a service",
            meaning:
                "An operator runs code that is not in the model, or sends what it is given to an address. A model only "
                + "needs to compute.",
            remedy: refuse),
        Rule(
            .onnxCustomOperator, .high, .review, "The model uses an operator that is not part of the standard",
            meaning:
                "A runtime has to load a library to run it, and what that does is up to the library.",
            remedy: "Find out which library brings the operator, and admit the model only if you trust that library."),
        Rule(
            .onnxShadowedOperator, .high, .review, "A function of the model has the name of a standard operator",
            meaning:
                "Runtimes that know functions run this one in place of the operator, others do not: they compute "
                + "different things.",
            remedy: "Ask the publisher for a model whose functions have names of their own."),
        Rule(
            .onnxCompiledProgram, .high, .review, "The model holds a program for a processor",
            meaning:
                "EPContext hands a compiled program to the driver of an accelerator. It was not inspected, and cannot "
                + "be.",
            remedy: "Prefer the model that it was compiled from."),
    ]

    private static let files: [Rule] = [
        Rule(
            .onnxOutsideFile, .critical, .block, "The model names a file outside its folder",
            meaning:
                "The data of a tensor is said to be in a file that the model has no business with: whoever loads the "
                + "model reads it.",
            remedy: refuse),
        Rule(
            .onnxExternalData, .high, .block, "Where the data of a tensor is cannot be said for sure",
            meaning: "The entries for a file with data are missing, repeated, or no numbers. Readers differ.",
            remedy: "Ask the publisher to export the model again."),
    ]

    private static let contents: [Rule] = [
        Rule(
            .onnxTensorData, .critical, .block, "The data of a tensor does not fit its shape",
            meaning:
                "The data is shorter or longer than shape and type require, is there twice, or its size overflows. "
                + "Careless runtimes read what lies behind it.",
            remedy: refuse),
        Rule(
            .onnxUnknownType, .medium, .undecided, "The type of a tensor is not known",
            meaning: "Whether its data is as long as it should be cannot be told.",
            remedy: "Inspect the file again with a newer version, or ask for another type."),
        Rule(
            .onnxDuplicateInitializer, .high, .block, "Two tensors have the same name",
            meaning: "Some runtimes take the first, some the last, some refuse the model.", remedy: refuse),
        Rule(
            .onnxTextCode, .high, .review, "A text in the model contains code",
            meaning: "Descriptions and metadata are for people. This looks as if it were for an interpreter.",
            remedy: "Find out whether anything evaluates the text. Remove it."),
    ]
}
