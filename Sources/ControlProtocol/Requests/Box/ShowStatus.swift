/// `show.status`: processes, versions, generation of the tables.
public struct ShowStatus: ParameterlessRequest {
    public typealias Answer = StatusResult
    public static let method = "show.status"

    public init() {}
}

/// Answer to `show.status`.
public struct StatusResult: ControlResult {
    public static let schemaIdentifier = "stile.show.status/1"
    public private(set) var schema = StatusResult.schemaIdentifier

    public let hostname: String
    public let takenAt: Timestamp
    public let controlProcess: ProcessStatus
    public let dataPlane: ProcessStatus
    /// The generation of the tables that the control process has published; 0: none yet.
    public let currentGeneration: UInt64
    /// The generation that all workers read.
    public let generationInUse: UInt64
    public let workers: Int
    /// Whether the control process still waits for neighbors after its restart (RFC 4724).
    public let isRestarting: Bool
    public let configurationFile: String?
    public let configurationAppliedAt: Timestamp?
    /// The number of the commit in force; `nil` where none could be written.
    public let commit: UInt64?
    /// When that commit is undone unless somebody confirms it; `nil` for never.
    public let confirmBy: Timestamp?
    /// What is not as it should be; empty when all is well.
    public let alarms: [Alarm]

    public init(
        hostname: String, takenAt: Timestamp, controlProcess: ProcessStatus, dataPlane: ProcessStatus,
        currentGeneration: UInt64, generationInUse: UInt64, workers: Int, isRestarting: Bool,
        configurationFile: String? = nil, configurationAppliedAt: Timestamp? = nil,
        commit: UInt64? = nil, confirmBy: Timestamp? = nil, alarms: [Alarm] = []
    ) {
        self.commit = commit
        self.confirmBy = confirmBy
        self.hostname = hostname
        self.takenAt = takenAt
        self.controlProcess = controlProcess
        self.dataPlane = dataPlane
        self.currentGeneration = currentGeneration
        self.generationInUse = generationInUse
        self.workers = workers
        self.isRestarting = isRestarting
        self.configurationFile = configurationFile
        self.configurationAppliedAt = configurationAppliedAt
        self.alarms = alarms
    }
}

/// One of the two processes.
public struct ProcessStatus: Codable, Hashable, Sendable {
    public let isAlive: Bool
    public let processIdentifier: UInt64?
    /// How often the process was started over the same memory.
    public let instance: UInt64?
    public let startedAt: Timestamp?
    public let uptimeSeconds: UInt64?
    /// Product version; `nil` for a data plane, which publishes only its layout version.
    public let version: String?
    public let layoutVersion: UInt32?
    /// For how long a process that is there has shown no sign of life: it is stopped or hangs; `nil` if it works.
    public let silentSeconds: UInt64?

    public init(
        isAlive: Bool, processIdentifier: UInt64? = nil, instance: UInt64? = nil, startedAt: Timestamp? = nil,
        uptimeSeconds: UInt64? = nil, version: String? = nil, layoutVersion: UInt32? = nil,
        silentSeconds: UInt64? = nil
    ) {
        self.silentSeconds = silentSeconds
        self.isAlive = isAlive
        self.processIdentifier = processIdentifier
        self.instance = instance
        self.startedAt = startedAt
        self.uptimeSeconds = uptimeSeconds
        self.version = version
        self.layoutVersion = layoutVersion
    }
}

extension StatusResult {
    public func text(_ style: TextStyle) -> String {
        var table = TextTable(
            [
                .name("PROCESS"), .name("STATE"), .number("PID"), .number("START"), .name("STARTED AT"),
                .number("UPTIME S"), .name("VERSION"), .number("LAYOUT"),
            ], emptyText: "")
        for (name, process) in [("stiled", controlProcess), ("stile-dataplane", dataPlane)] {
            table.append([
                TextTable.Cell(name),
                process.stateCell,
                TextTable.Cell(process.processIdentifier), TextTable.Cell(process.instance),
                TextTable.Cell(process.startedAt), TextTable.Cell(process.uptimeSeconds),
                TextTable.Cell(process.version),
                TextTable.Cell(process.layoutVersion),
            ])
        }
        var tables = "generation \(currentGeneration)"
        if generationInUse != currentGeneration { tables += ", generation \(generationInUse) in use" }
        if isRestarting { tables += ", waiting for the neighbors' routes after a restart" }
        var standing = TextTable(
            [.name("ALARM"), .number("COUNT"), .name("SINCE"), .name("OF"), .name("MEANING")], emptyText: "")
        for alarm in alarms {
            standing.append([
                TextTable.Cell(alarm.kind.rawValue, .bad), TextTable.Cell(alarm.count), TextTable.Cell(alarm.since),
                TextTable.Cell(list: alarm.subjects), TextTable.Cell(alarm.help),
            ])
        }
        return factLines([("hostname", hostname), ("time", takenAt.description)], style) + "\n" + table.text(style)
            + "\n"
            + factLines(
                [
                    ("tables", tables), ("workers", String(workers)), ("configuration", configurationFile),
                    ("commit", commitText), ("applied at", configurationAppliedAt?.description),
                ], style) + (alarms.isEmpty ? "" : "\n" + standing.text(style))
    }
}

extension StatusResult {
    private var commitText: String? {
        commit.map { number in
            "\(number)" + (confirmBy.map { ", undone at \($0) unless 'commit' confirms it" } ?? "")
        }
    }
}

extension ProcessStatus {
    fileprivate var stateCell: TextTable.Cell {
        guard isAlive else { return TextTable.Cell("away", .bad) }
        guard let silentSeconds else { return TextTable.Cell("running", .good) }
        return TextTable.Cell("silent for \(silentSeconds) s", .bad)
    }
}
