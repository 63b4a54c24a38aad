/// The operators by which ONNX models are judged.
enum ONNXOperators {
    private static func names(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    /// The standard itself, with those that were withdrawn or never left their draft. All of them compute.
    static let standard = names(
        """
        Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool
        BatchNormalization Bernoulli BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast
        CastLike CausalConvWithState Ceil Celu CenterCropPad Clip Col2Im Compress Concat ConcatFromSequence Constant
        ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumProd CumSum DFT DeformConv DepthToSpace
        DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor
        GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater
        GreaterOrEqual GridSample GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity
        If ImageDecoder InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual
        LinearAttention Log LogSoftmax Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool
        MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Multinomial Neg
        NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement
        OptionalHasElement Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN
        RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2
        ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
        RegexFullMatch Relu Reshape Resize ReverseSequence RoiAlign RotaryEmbedding Round STFT Scan Scatter
        ScatterElements ScatterND Selu SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert
        SequenceLength SequenceMap Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss
        Softplus Softsign SpaceToDepth Split SplitToSequence Sqrt Squeeze StringConcat StringNormalizer StringSplit
        Sub Sum SwiGLU Swish Tan Tanh TensorScatter TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Trilu Unique
        Unsqueeze Upsample Where Xor
        Affine ConstantFill Crop DynamicSlice GRUUnit GivenTensorFill ImageScaler ParametricSoftplus Scale ScaledTanh
        """)

    static let machineLearning = names(
        """
        ArrayFeatureExtractor Binarizer CastMap CategoryMapper DictVectorizer FeatureVectorizer Imputer LabelEncoder
        LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier SVMRegressor Scaler TreeEnsemble
        TreeEnsembleClassifier TreeEnsembleRegressor ZipMap
        """)

    static let training = names("Adagrad Adam Gradient GraphCall Momentum")

    /// What ONNX Runtime has built in and its own tools write when they optimise or quantize a model. Those that reach
    /// beyond the model (`PythonOp`, `EPContext`, `ATen`, `Snpe`) are not among them.
    static let runtime = names(
        """
        Attention AttnLSTM BeamSearch BiasAdd BiasDropout BiasGelu BiasSoftmax BiasSplitGelu
        BifurcationDetector BitmaskBiasDropout BitmaskDropout CDist CausalConvWithState ComplexMul ComplexMulConj
        ConvTransposeWithDynamicPads CropAndResize DecoderAttention DecoderMaskedMultiHeadAttention
        DecoderMaskedSelfAttention DequantizeBFP DequantizeLinear DequantizeWithOrder DynamicQuantizeLSTM
        DynamicQuantizeMatMul DynamicTimeWarping EmbedLayerNormalization ExpandDims FastGelu FusedConv FusedGemm
        FusedMatMul FusedMatMulActivation GatedRelativePositionBias GatherBlockQuantized GatherND Gelu GemmFastGelu
        GemmFloat8 GemmaRotaryEmbedding GreedySearch GridSample GroupNorm GroupQueryAttention Inverse Irfft
        LinearAttention LongformerAttention MatMulBnb4 MatMulFpQ4 MatMulInteger16 MatMulIntegerToFloat
        MatMulNBits MaxpoolWithMask MoE MulInteger MultiHeadAttention MurmurHash3 NGramRepeatBlock NhwcConv
        NhwcFusedConv NhwcMaxPool PackedAttention PackedMultiHeadAttention Pad PagedAttention QAttention QGemm
        QLinearAdd QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul
        QLinearReduceMean QLinearSigmoid QLinearSoftmax QLinearWhere QMoE QOrderedAttention QOrderedGelu
        QOrderedLayerNormalization QOrderedLongformerAttention QOrderedMatMul QuantizeBFP QuantizeLinear
        QuantizeWithOrder QuickGelu RMSNormalization Range ReduceSumInteger RelativePositionBias RemovePadding
        RestorePadding Rfft RotaryEmbedding SampleOp Sampling SimplifiedLayerNormalization SkipGroupNorm
        SkipLayerNormalization SkipSimplifiedLayerNormalization SparseAttention SparseToDenseMatMul Tokenizer
        TorchEmbedding TransposeMatMul Trilu UnfoldTensor Unique WhisperBeamSearch WordConvEmbedding
        """)

    /// Operators that call Python.
    static let python = names("PyOp PythonOp PythonOpGrad PyCustomOp PyCustomOpDef PyFunc EagerPyFunc")
}

/// What an operator of a model comes to.
enum ONNXVocabulary {
    enum Standing: Hashable {
        /// It computes.
        case standard
        /// It calls code that no model holds, or sends what it is given elsewhere.
        case dangerous
        /// It runs a program for a processor that the model holds.
        case compiled
        case unknown
    }

    static func standing(domain: String, type: String) -> Standing {
        if ONNXOperators.python.contains(type) || type.lowercased().contains("python") { return .dangerous }
        // Operators of the extensions that ask a service in the network (`AzureTextToText`, `OpenAIAudioToText`).
        if type.hasPrefix("Azure") || type.hasPrefix("OpenAI") { return .dangerous }
        if type == "EPContext" { return .compiled }
        let known: Set<String>? =
            switch domain {
            case "", "ai.onnx": ONNXOperators.standard
            case "ai.onnx.ml": ONNXOperators.machineLearning
            case "ai.onnx.training", "ai.onnx.preview.training": ONNXOperators.training
            case "com.microsoft": ONNXOperators.runtime
            default: nil
            }
        // Optimised models have fused normalisations in the standard domain.
        if domain.isEmpty, type == "SimplifiedLayerNormalization" { return .standard }
        return known?.contains(type) == true ? .standard : .unknown
    }

    /// Whether a function of the model takes the place of an operator that everybody knows.
    static func shadows(domain: String, name: String) -> Bool {
        standing(domain: domain, type: name) == .standard && domain != "com.microsoft"
    }
}
