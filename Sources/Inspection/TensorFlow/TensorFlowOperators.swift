/// The operators by which graphs of TensorFlow are judged.
enum TensorFlowOperators {
    static func names(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    static let standard = names(standardFirst).union(names(standardSecond))

    /// They run code that is not in the graph, read or write files whose names the graph gives, or reach the network.
    static let dangerous = names(
        """
        PyFunc PyFuncStateless EagerPyFunc DatasetFromGraph LoadLibrary LoadDynamicLibrary Shell ShellExecute
        SystemCommand ReadFile WriteFile MatchingFiles MatchingFilesDataset ExperimentalMatchingFilesDataset
        WholeFileReader WholeFileReaderV2 TextLineReader TextLineReaderV2 FixedLengthRecordReader
        FixedLengthRecordReaderV2 TFRecordReader TFRecordReaderV2 LMDBReader RecordInput LoadAndRemapMatrix
        TextLineDataset TFRecordDataset TFRecordDatasetV2 FixedLengthRecordDataset FixedLengthRecordDatasetV2
        CSVDataset CSVDatasetV2 ExperimentalCSVDataset LMDBDataset ExperimentalLMDBDataset SqlDataset
        ExperimentalSqlDataset SaveDataset SaveDatasetV2 LoadDataset SnapshotDataset SnapshotDatasetV2
        SnapshotDatasetReader SnapshotNestedDatasetReader SnapshotChunkDataset ListSnapshotChunksDataset
        DatasetToTFRecord ExperimentalDatasetToTFRecord CreateSummaryFileWriter CreateSummaryDbWriter
        FileSystemSetConfiguration DistributedSave DataServiceDataset DataServiceDatasetV2
        DataServiceDatasetV3 DataServiceDatasetV4 RegisterDataset RegisterDatasetV2 Rpc TryRpc RpcCall
        RpcClient RpcServer RpcServerRegister RpcServerStart RpcCheckStatus RpcGetValue BigQueryReader
        GenerateBigQueryReaderPartitions BigtableClient BigtableTable KafkaDataset KinesisDataset
        GcsConfigureCredentials GcsConfigureBlockCache GenerateVocabRemapping
        """)

    /// They talk to other machines, or to the devices of this one, for reasons that a model seldom has.
    static let system = names(
        """
        Abort RemoteCall RemoteFusedGraphExecute Send Recv WorkerHeartbeat ConfigureDistributedTPU
        ConfigureAndInitializeGlobalTPU ShutdownDistributedTPU ShutdownTPUSystem XlaHostCompute
        XlaRecvFromHost XlaSendToHost CacheDataset CacheDatasetV2 GetSessionHandle GetSessionHandleV2
        GetSessionTensor DeleteSessionTensor TPUCompile TPUExecute TPUExecuteAndUpdateVariables
        CollectiveAllToAllV2 CollectiveAllToAllV3 CollectiveAssignGroupV2 CollectiveBcastRecv
        CollectiveBcastRecvV2 CollectiveBcastSend CollectiveBcastSendV2 CollectiveGather CollectiveGatherV2
        CollectiveInitializeCommunicator CollectivePermute CollectiveReduce CollectiveReduceScatterV2
        CollectiveReduceV2 CollectiveReduceV3
        """)
}
