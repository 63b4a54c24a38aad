/// Rules about models that are spread over several files.
enum ShardRules {
    static let all: [Rule] = [
        Rule(
            .repositoryMissingShard, .medium, .review, "A part of the model is missing",
            meaning:
                "The weights are spread over several files, and not all of them are here. The model cannot be loaded "
                + "as it is; a loader may fetch the rest from another place, where nobody has looked at it.",
            remedy: "Complete the download, or publish all files of the model together."),
        Rule(
            .repositoryUnlistedShard, .medium, .review, "A file of weights is not the index's",
            meaning:
                "The index of weights does not name the file. Some programs load it all the same, in place of the "
                + "files that are named or together with them, so that two programs load different models.",
            remedy: "Remove the file, or ask the publisher for an index that names it."),
        Rule(
            .repositoryShardMismatch, .high, .review, "The parts of the model contradict each other",
            meaning:
                "An index, a name or a part says something about the tensors of a file that is not so. The files may "
                + "be of different versions, or one of them was exchanged.",
            remedy: "Transfer all files again and compare their digests with the publisher's."),
        Rule(
            .repositoryShardIndex, .medium, .undecided, "The index of weights cannot be followed",
            meaning:
                "It does not say in an ordinary way which files belong to the model, so that this was not compared.",
            remedy: "Ask the publisher to write the index again."),
    ]
}
