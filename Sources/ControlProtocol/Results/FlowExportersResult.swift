import Addressing

/// Answer to `show.flow.exporters`.
public struct FlowExportersResult: ControlResult {
    public static let schemaIdentifier = "stile.show.flow.exporters/1"
    public private(set) var schema = FlowExportersResult.schemaIdentifier

    public let takenAt: Timestamp
    /// In the order of the names.
    public let exporters: [FlowExporterStatus]
    /// Records of VRFs that had no exporter any more when they came.
    public let discardedRecords: UInt64

    public init(takenAt: Timestamp, exporters: [FlowExporterStatus], discardedRecords: UInt64) {
        self.takenAt = takenAt
        self.exporters = exporters
        self.discardedRecords = discardedRecords
    }
}

/// One flow exporter, and what it has sent since it was configured or `stiled` started.
public struct FlowExporterStatus: Codable, Hashable, Sendable {
    public let name: String
    public let destination: IPAddress
    public let port: UInt16
    /// `udp` or `tcp`.
    public let transport: String
    public let source: IPAddress?
    /// Whether records can be sent now; over UDP nobody knows whether they arrive.
    public let isReady: Bool
    /// Why the last attempt failed.
    public let problem: String?
    public let exportedFlows: UInt64
    public let messages: UInt64
    public let bytes: UInt64
    /// Flows that wait for the collector.
    public let waitingFlows: UInt64
    /// Flows that were given up.
    public let lostFlows: UInt64
    /// Messages that could not be sent.
    public let sendErrors: UInt64
    public let connectionFailures: UInt64

    public init(
        name: String, destination: IPAddress, port: UInt16, transport: String, source: IPAddress? = nil,
        isReady: Bool, problem: String? = nil, exportedFlows: UInt64, messages: UInt64, bytes: UInt64,
        waitingFlows: UInt64, lostFlows: UInt64, sendErrors: UInt64, connectionFailures: UInt64
    ) {
        self.name = name
        self.destination = destination
        self.port = port
        self.transport = transport
        self.source = source
        self.isReady = isReady
        self.problem = problem
        self.exportedFlows = exportedFlows
        self.messages = messages
        self.bytes = bytes
        self.waitingFlows = waitingFlows
        self.lostFlows = lostFlows
        self.sendErrors = sendErrors
        self.connectionFailures = connectionFailures
    }
}
