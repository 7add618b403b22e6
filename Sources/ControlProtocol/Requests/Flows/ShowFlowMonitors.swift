/// `show.flow.monitors`: flow monitors and the workers' flow caches.
public struct ShowFlowMonitors: ParameterlessRequest {
    public typealias Answer = FlowMonitorsResult
    public static let method = "show.flow.monitors"

    public init() {}
}

/// Answer to `show.flow.monitors`.
public struct FlowMonitorsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.flow.monitors/1"
    public private(set) var schema = FlowMonitorsResult.schemaIdentifier

    public let takenAt: Timestamp
    /// In the order of the names.
    public let monitors: [FlowMonitorStatus]
    /// One for each worker.
    public let caches: [FlowCacheStatus]

    public init(takenAt: Timestamp, monitors: [FlowMonitorStatus], caches: [FlowCacheStatus]) {
        self.takenAt = takenAt
        self.monitors = monitors
        self.caches = caches
    }
}

/// One flow monitor.
public struct FlowMonitorStatus: Codable, Hashable, Sendable {
    public let name: String
    public let exporter: String
    /// The VRFs that it meters.
    public let vrfs: [String]
    public let activeTimeoutSeconds: UInt32
    public let inactiveTimeoutSeconds: UInt32
    /// The most flows of each VRF in each worker's cache.
    public let cacheEntries: UInt32
    /// One packet out of so many is metered.
    public let samplingInterval: UInt32

    public init(
        name: String, exporter: String, vrfs: [String], activeTimeoutSeconds: UInt32, inactiveTimeoutSeconds: UInt32,
        cacheEntries: UInt32, samplingInterval: UInt32
    ) {
        self.name = name
        self.exporter = exporter
        self.vrfs = vrfs
        self.activeTimeoutSeconds = activeTimeoutSeconds
        self.inactiveTimeoutSeconds = inactiveTimeoutSeconds
        self.cacheEntries = cacheEntries
        self.samplingInterval = samplingInterval
    }
}

/// The flow cache of one worker; the counters go on over a restart of the data plane.
public struct FlowCacheStatus: Codable, Hashable, Sendable {
    public let worker: Int
    public let activeFlows: UInt64
    /// Packets of metered VRFs that sampling has chosen.
    public let meteredPackets: UInt64
    /// Packets that were chosen and belong to a flow that found no room.
    public let cacheFullPackets: UInt64
    /// Records handed to `stiled`.
    public let records: UInt64
    /// How often a record had to wait since `stiled` had not taken those before it.
    public let ringFullTimes: UInt64
    /// Records that nobody took before the data plane stopped.
    public let lostRecords: UInt64

    public init(
        worker: Int, activeFlows: UInt64, meteredPackets: UInt64, cacheFullPackets: UInt64, records: UInt64,
        ringFullTimes: UInt64, lostRecords: UInt64
    ) {
        self.worker = worker
        self.activeFlows = activeFlows
        self.meteredPackets = meteredPackets
        self.cacheFullPackets = cacheFullPackets
        self.records = records
        self.ringFullTimes = ringFullTimes
        self.lostRecords = lostRecords
    }
}

extension FlowMonitorsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("MONITOR"), .name("EXPORTER"), .name("SAMPLING"), .number("ACTIVE S"), .number("INACTIVE S"),
                .number("CACHE ENTRIES"), .name("VRFS"),
            ], emptyText: "no flow monitors")
        for monitor in monitors {
            table.append([
                TextTable.Cell(monitor.name), TextTable.Cell(monitor.exporter),
                TextTable.Cell("1:\(monitor.samplingInterval)"), TextTable.Cell(monitor.activeTimeoutSeconds),
                TextTable.Cell(monitor.inactiveTimeoutSeconds), TextTable.Cell(monitor.cacheEntries),
                TextTable.Cell(list: monitor.vrfs),
            ])
        }
        return table
    }

    /// The monitors, then the caches of the workers.
    public func text(_ style: TextStyle) -> String {
        guard !monitors.isEmpty, !caches.isEmpty else { return table().text(style) }
        var workers = TextTable(
            [
                .number("WORKER"), .number("FLOWS"), .number("PACKETS"), .number("CACHE FULL"), .number("RECORDS"),
                .number("RING FULL"), .number("LOST"),
            ], emptyText: "no workers")
        for cache in caches {
            workers.append([
                TextTable.Cell(cache.worker), TextTable.Cell(cache.activeFlows),
                TextTable.Cell(cache.meteredPackets),
                TextTable.Cell(cache.cacheFullPackets, cache.cacheFullPackets > 0 ? .warning : .none),
                TextTable.Cell(cache.records), TextTable.Cell(cache.ringFullTimes),
                TextTable.Cell(cache.lostRecords, cache.lostRecords > 0 ? .warning : .none),
            ])
        }
        return table().text(style) + "\n" + workers.text(style)
    }
}
