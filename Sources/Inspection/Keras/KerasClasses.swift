/// Classes and functions that Keras has and that descriptions name without saying where they are from: the older format
/// gives a name only.
enum KerasClasses {
    static func contains(_ name: String) -> Bool {
        layers.contains(name) || others.contains(name) || KerasOperations.names.contains(name)
    }

    private static let layers: Set<String> = [
        "Sequential", "Functional", "Model", "Network", "Container", "Graph", "InputLayer", "Layer", "Dense",
        "EinsumDense",
        "Activation", "Dropout", "Flatten", "Reshape", "Permute", "RepeatVector", "Masking", "ActivityRegularization",
        "Embedding", "ReversibleEmbedding", "Identity", "Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D",
        "Convolution3D", "SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D",
        "DepthwiseConv1D", "DepthwiseConv2D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose",
        "Convolution2DTranspose", "Deconvolution2D", "AtrousConvolution2D", "MaxPooling1D", "MaxPooling2D",
        "MaxPooling3D", "MaxPool1D", "MaxPool2D", "MaxPool3D", "AveragePooling1D", "AveragePooling2D",
        "AveragePooling3D", "AvgPool1D", "AvgPool2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D",
        "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D", "AdaptiveAveragePooling2D",
        "AdaptiveMaxPooling2D", "Cropping1D", "Cropping2D", "Cropping3D", "UpSampling1D", "UpSampling2D",
        "UpSampling3D", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "RNN", "SimpleRNN", "GRU", "LSTM",
        "SimpleRNNCell", "GRUCell", "LSTMCell", "StackedRNNCells", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "CuDNNGRU",
        "CuDNNLSTM", "Bidirectional", "TimeDistributed", "Wrapper", "SpectralNormalization", "LocallyConnected1D",
        "LocallyConnected2D", "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot",
        "Merge",
        "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization",
        "LayerNormalization", "GroupNormalization", "UnitNormalization", "RMSNormalization", "Normalization",
        "NormalizationV1", "Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention",
        "GroupedQueryAttention", "ReLU", "LeakyReLU", "PReLU", "ELU", "ThresholdedReLU", "Softmax", "GaussianNoise",
        "GaussianDropout", "AlphaDropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Rescaling",
        "Resizing", "CenterCrop", "RandomCrop", "RandomFlip", "RandomTranslation", "RandomRotation", "RandomZoom",
        "RandomHeight", "RandomWidth", "RandomContrast", "RandomBrightness", "RandomSaturation", "RandomHue",
        "RandomColorJitter", "RandomGrayscale", "RandomPosterization", "RandomSharpness", "RandomShear",
        "RandomGaussianBlur", "RandomInvert", "RandomErasing", "RandomPerspective", "AutoContrast", "Equalization",
        "Solarization", "AugMix", "CutMix", "MixUp", "RandAugment", "MaxNumBoundingBoxes", "Pipeline", "Discretization",
        "CategoryEncoding", "CategoryCrossing", "Hashing", "HashedCrossing", "StringLookup", "IntegerLookup",
        "TextVectorization", "MelSpectrogram", "STFTSpectrogram", "PreprocessingStage", "DenseFeatures",
        "SlicingOpLambda",
        "TFOpLambda", "TensorFlowOpLayer", "AddMetric", "AddLoss", "FlaxLayer", "JaxLayer", "InputSpec", "Highway",
        "MaxoutDense", "Lambda", "ClassMethod", "InstanceMethod", "InstanceProperty", "KerasTensor", "__keras_tensor__",
        "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__", "__tuple__", "TensorShape", "function",
    ]

    private static let others: Set<String> = [
        "AWQDTypePolicy", "AdaptiveAveragePooling1D", "AdaptiveAveragePooling3D", "AdaptiveMaxPooling1D",
        "AdaptiveMaxPooling3D", "Constraint", "ContrastLimitedAdaptiveHistogramEqualization", "Int4DTypePolicy",
        "LearningRateSchedule", "Loss", "Metric", "MultiOptimizer", "Optimizer", "OptimizerMap",
        "RandomColorDegeneration", "RandomElasticTransform", "Regularizer", "ScheduleFreeAdamW",
        "binary_focal_crossentropy", "categorical_focal_crossentropy", "categorical_generalized_cross_entropy",
        "circle", "concordance_correlation", "ctc", "dice", "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error", "pearson_correlation", "sparse_top_k_categorical_accuracy",
        "top_k_categorical_accuracy", "tversky",
        // Initializers.
        "Zeros", "Ones", "Constant", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling",
        "Orthogonal",
        "Identity", "IdentityInitializer", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal",
        "LecunUniform", "OrthogonalInitializer", "RandomNormalV1", "STFT", "Initializer", "STFTInitializer",
        // Regularizers and constraints.
        "L1", "L2", "L1L2", "OrthogonalRegularizer", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "RadialConstraint",
        // Optimizers and schedules.
        "SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Nadam", "Ftrl", "Adafactor", "Lion",
        "Lamb",
        "Muon", "LossScaleOptimizer", "ExponentialDecay", "PiecewiseConstantDecay", "PolynomialDecay",
        "InverseTimeDecay", "CosineDecay", "CosineDecayRestarts", "TFOptimizer", "NadamV2", "adam",
        // Losses.
        "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy", "CategoricalFocalCrossentropy",
        "SparseCategoricalCrossentropy", "Poisson", "CTC", "KLDivergence", "MeanSquaredError", "MeanAbsoluteError",
        "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "CosineSimilarity", "Huber", "LogCosh", "Tversky",
        "Dice", "Hinge", "SquaredHinge", "CategoricalHinge", "Circle", "CategoricalGeneralizedCrossEntropy",
        // Metrics.
        "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy", "TopKCategoricalAccuracy",
        "SparseTopKCategoricalAccuracy", "AUC", "Precision", "Recall", "TruePositives", "TrueNegatives",
        "FalsePositives", "FalseNegatives", "PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity",
        "SpecificityAtSensitivity", "Mean", "MeanTensor", "Sum", "MeanMetricWrapper", "MeanRelativeError",
        "RootMeanSquaredError", "LogCoshError", "R2Score", "F1Score", "FBetaScore", "IoU", "BinaryIoU", "MeanIoU",
        "OneHotIoU", "OneHotMeanIoU", "ConcordanceCorrelation", "PearsonCorrelation",
        // Types.
        "Policy", "PolicyV1", "DTypePolicy", "FloatDTypePolicy", "QuantizedDTypePolicy", "QuantizedFloat8DTypePolicy",
        "DTypePolicyMap", "GPTQDTypePolicy", "SeedGenerator", "Variable",
        // Functions.
        "relu", "relu6", "sigmoid", "tanh", "softmax", "softplus", "softsign", "selu", "elu", "gelu", "swish", "silu",
        "linear", "exponential", "hard_sigmoid", "hard_silu", "hard_swish", "leaky_relu", "log_softmax", "mish", "mse",
        "mae", "mape", "msle", "mean_squared_error", "mean_absolute_error", "binary_crossentropy",
        "categorical_crossentropy", "sparse_categorical_crossentropy", "kl_divergence", "cosine_similarity", "poisson",
        "huber", "log_cosh", "hinge", "squared_hinge", "categorical_hinge", "accuracy", "binary_accuracy",
        "categorical_accuracy", "sparse_categorical_accuracy", "celu", "glu", "squareplus", "gelu_approximate",
        "gelu_new", "quick_gelu", "sparse_plus",
        "log_sigmoid",
        "tanh_shrink", "soft_shrink", "hard_shrink", "hard_tanh", "threshold", "sparsemax", "sparse_sigmoid",
    ]
}
