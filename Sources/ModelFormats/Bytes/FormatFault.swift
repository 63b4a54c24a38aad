public import StrictJSON

/// Why the structure of a file cannot be known.
///
/// Everything that is wrong but leaves the structure readable is an issue in the reader's result instead, so that one
/// run names all of it.
public enum FormatFault: Error, Sendable, Hashable {
    /// The bytes end where more must follow.
    case truncated(offset: UInt64)
    /// A number in the bytes is larger than we are willing to follow. Says nothing about whether it is true.
    case limitExceeded(FormatLimit, offset: UInt64)
    /// The byte at `offset` is the first that cannot be right.
    case invalid(FormatDefect, offset: UInt64)
    /// Not JSON, or JSON that two readers may understand differently.
    case invalidJSON(JSONFault.Reason, offset: UInt64)
    /// Well-known, and not read by this version.
    case unsupported(FormatVariant)
    /// The source failed: an undecided case, not a bad file.
    case unreadable(ByteSourceFault)
}

/// The limits that a hostile file may run into, by name.
public enum FormatLimit: String, Sendable, Hashable, CaseIterable {
    case work = "file.workMax"
    case ggufTensorCount = "gguf.tensorCountMax"
    case ggufMetadataCount = "gguf.metadataCountMax"
    case ggufKeyBytes = "gguf.keyBytesMax"
    case ggufHeaderBytes = "gguf.headerBytesMax"
    case ggufArrayDepth = "gguf.arrayDepthMax"
    case ggufDimensions = "gguf.dimensionsMax"
    case ggufAlignment = "gguf.alignmentMax"
    case tensorNameBytes = "tensor.nameBytesMax"
    case tensorNamesBytes = "tensor.namesBytesMax"
    case safetensorsHeaderBytes = "safetensors.headerBytesMax"
    case safetensorsTensorCount = "safetensors.tensorCountMax"
    case safetensorsMetadataCount = "safetensors.metadataCountMax"
    case safetensorsDimensions = "safetensors.dimensionsMax"
    case jsonDocumentBytes = "json.bytesMax"
    case jsonDepth = "json.depthMax"
    case jsonValues = "json.nodesMax"
    case jsonNames = "json.openNamesMax"
    case jsonStringBytes = "json.stringBytesMax"
    case jsonNumberBytes = "json.numberBytesMax"
    case pickleStack = "pickle.stackMax"
    case pickleMemo = "pickle.memoMax"
    case pickleMarks = "pickle.marksMax"
    case pickleGlobals = "pickle.globalsMax"
    case pickleLine = "pickle.lineBytesMax"
    case pickleOpcodes = "pickle.opcodesMax"
    case pickleStreams = "pickle.streamsMax"
    case archiveMemberCount = "archive.membersMax"
    case archiveNameBytes = "archive.nameBytesMax"
    case archiveDepth = "archive.depthMax"
    case archiveOutputBytes = "archive.outputBytesMax"
    case archiveMemoryBytes = "archive.memoryBytesMax"
    case compressionRatio = "archive.ratioMax"
    case hdf5Objects = "hdf5.objectsMax"
    case hdf5Names = "hdf5.namesMax"
    case hdf5MetadataBytes = "hdf5.metadataBytesMax"
    case hdf5BlockBytes = "hdf5.blockBytesMax"
    case numpyHeaderBytes = "numpy.headerBytesMax"
    case numpyDepth = "numpy.depthMax"
    case protobufDepth = "protobuf.depthMax"
    case protobufFields = "protobuf.fieldsMax"
    case protobufNumbers = "protobuf.numbersMax"
    case onnxOperators = "onnx.operatorsMax"
    case onnxInitializers = "onnx.initializersMax"
    case onnxExternalFiles = "onnx.externalFilesMax"
    case onnxNameBytes = "onnx.nameBytesMax"
    case tensorFlowNames = "tensorflow.namesBytesMax"
    case tensorFlowNameBytes = "tensorflow.nameBytesMax"
    case tensorFlowOperators = "tensorflow.operatorsMax"
}

/// What a reader met where its format allows something else.
public enum FormatDefect: String, Sendable, Hashable, CaseIterable {
    case ggufMagic = "the file does not begin with GGUF"
    case ggufVersionZero = "version 0 does not exist"
    case ggufValueType = "a metadata value has a type that does not exist"
    case ggufAlignment = "general.alignment is not a power of two stored as a 32-bit unsigned integer"
    case ggufDataStart = "the tensor data would begin behind the end of the file"
    case safetensorsHeaderLength = "the header is longer than the file"
    case safetensorsHeaderStart = "the header does not begin with an opening brace"
    case safetensorsShape = "the header is not a map from tensor names to dtype, shape and data_offsets"
    case safetensorsMetadata = "__metadata__ is not a map from strings to strings"
    case safetensorsDtype = "a tensor has a dtype that does not exist"
    case safetensorsNumber = "a dimension or an offset is not an unsigned 64-bit integer"
    case tensorSize = "the sizes of a tensor cannot be expressed in 64 bits"
    case tensorOutside = "a tensor lies outside the file"
    case tensorLayout = "tensors overlap, leave holes or do not end where the file ends"
    case tensorLength = "a tensor's range is not as long as its shape and dtype require"
    case compressedData = "the compressed data cannot be decoded"
    case memberLength = "the content is not as long as the archive says"
    case zipDirectory = "the directory does not end before the end record"
    case zipDirectoryHeader = "the directory does not continue with a header"
    case zipWideNumbers = "a number that needs 64 bits is missing"
    case tarHeader = "a header's checksum is wrong"
    case tarNumber = "a size is not an octal number"
    case tarExtension = "an extended header is not a list of records"
    case hdf5Superblock = "this version of the superblock does not exist"
    case hdf5Structure = "a structure is not what the format prescribes"
    case hdf5Signature = "a structure does not begin with its signature"
    case hdf5BlockEnd = "a structure ends before its last field"
    case hdf5Outside = "an address lies outside the file"
    case hdf5Checksum = "the checksum of a structure is wrong"
    case hdf5Cycle = "structures lead back to themselves"
    case hdf5Size = "a size cannot be expressed in 64 bits"
    case pictureStructure = "the structure of the picture breaks off"
    case numpyVersion = "this version of the format does not exist"
    case numpyHeader = "the header is not a literal of descr, fortran_order and shape"
    case numpyShape = "the size of the array cannot be expressed in 64 bits"
    case protobufTag = "a field has a number or a type that does not exist"
    case protobufGroup = "a field is a group, which this format has not"
    case protobufLength = "a field is longer than the message that it is in"
    case protobufVarint = "a number is longer than 64 bits"
}

/// A variant of a known format that is named and refused instead of being misread.
public enum FormatVariant: Sendable, Hashable {
    case ggufBigEndian
    case ggufVersion(UInt32)
}
