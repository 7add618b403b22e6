import Addressing

/// `show.flow.exporters`: flow exporters, their collectors and what they have sent.
public struct ShowFlowExporters: ParameterlessRequest {
    public typealias Answer = FlowExportersResult
    public static let method = "show.flow.exporters"

    public init() {}
}

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

extension FlowExportersResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("EXPORTER"), .name("COLLECTOR"), .name("TRANSPORT"), .name("STATE"), .number("FLOWS"),
                .number("MESSAGES"), .number("BYTES"), .number("WAITING"), .number("LOST"), .number("ERRORS"),
            ], emptyText: "no flow exporters")
        for exporter in exporters {
            let errors = exporter.sendErrors &+ exporter.connectionFailures
            table.append([
                TextTable.Cell(exporter.name), TextTable.Cell(exporter.destination),
                TextTable.Cell("\(exporter.transport) \(exporter.port)"),
                TextTable.Cell(exporter.isReady ? "ready" : "not connected", exporter.isReady ? .good : .warning),
                TextTable.Cell(exporter.exportedFlows), TextTable.Cell(exporter.messages),
                TextTable.Cell(exporter.bytes), TextTable.Cell(exporter.waitingFlows),
                TextTable.Cell(exporter.lostFlows, exporter.lostFlows > 0 ? .warning : .none),
                TextTable.Cell(errors, errors > 0 ? .warning : .none),
            ])
        }
        return table
    }

    /// The table, then why exporters cannot send.
    public func text(_ style: TextStyle) -> String {
        exporters.reduce(into: table().text(style)) { text, exporter in
            guard let problem = exporter.problem else { return }
            text += "\(exporter.name): " + style.show(problem.withoutControlCharacters, as: .bad) + "\n"
        }
    }
}
