/// Rules about the numbers in tensors. They speak only when they are asked (`securectl inspect --weights`).
enum WeightRules {
    static let all: [Rule] = numbers + blocks + layers

    private static let compare = "Compare the file with its publisher's digest, or with the model it was made from."
    private static let know = "Nothing, if you know why. Otherwise compare the tensor with that of the original model."

    private static let numbers: [Rule] = [
        Rule(
            .weightsNotANumber, .high, .review, "A tensor contains NaN",
            meaning: "A model that computes with such a number answers with nonsense. A conversion may have failed.",
            remedy: compare),
        Rule(
            .weightsInfinite, .high, .review, "A tensor contains infinities",
            meaning: "A number left the range of its type, or was put there. What a model makes of it is undefined.",
            remedy: compare),
        Rule(
            .weightsLargeMean, .info, .clean, "A tensor's mean is unusually large",
            meaning: "Weights mostly lie around zero. Norms and biases may not.", remedy: know),
        Rule(
            .weightsHeavyTails, .info, .clean, "A few numbers of a tensor are far larger than the others",
            meaning: "The kurtosis is extreme. Some models have such weights; edited ones may have them, too.",
            remedy: know),
        Rule(
            .weightsConstant, .info, .clean, "All numbers of a tensor are the same",
            meaning: "The tensor was never trained, or was replaced by a constant. Norms sometimes are all 1.",
            remedy: know),
        Rule(
            .weightsSparse, .info, .clean, "A tensor is almost all zeros",
            meaning: "It was pruned, or is empty of information.", remedy: know),
        Rule(
            .weightsUnread, .low, .clean, "The numbers of a tensor were not read",
            meaning: "There are no statistics of tensors of complex numbers and of six-bit types.",
            remedy: "Look at the tensor by other means if it matters."),
    ]

    private static let blocks: [Rule] = [
        Rule(
            .weightsRepeatedBlocks, .medium, .review, "Many blocks of a tensor are the same as the block before",
            meaning: "More than a tenth of the blocks repeat. Trained weights do not; filled in or faked ones do.",
            remedy: compare),
        Rule(
            .weightsZeroScales, .low, .clean, "Most blocks of a tensor have a scale of zero",
            meaning: "All numbers of such a block are the same, whatever its codes say.", remedy: know),
        Rule(
            .weightsScaleEntropy, .low, .clean, "The scales of a tensor's blocks hardly differ",
            meaning: "The scales of trained weights vary from block to block. Types with few possible scales may not.",
            remedy: know),
        Rule(
            .weightsScaleRange, .low, .clean, "The scales of a tensor's blocks differ by a factor of a million",
            meaning: "Some blocks are negligible beside others. Pruned models have such tensors; damaged ones, too.",
            remedy: know),
    ]

    private static let layers: [Rule] = [
        Rule(
            .weightsLayerOutlier, .info, .clean, "A tensor's mean differs from those of other layers",
            meaning: "It lies more than five standard deviations from the mean of the tensors with the same role.",
            remedy: know),
        Rule(
            .weightsLayerRobustOutlier, .info, .clean, "A tensor's mean differs from the median of other layers",
            meaning: "It lies more than five median deviations from the median of the tensors with the same role.",
            remedy: know),
        Rule(
            .weightsLayerSpread, .info, .clean, "A tensor's variance differs from those of other layers",
            meaning: "It lies more than five standard deviations from the mean of the tensors with the same role.",
            remedy: know),
    ]
}
