/// Answer to `show.pipeline`.
public struct PipelineResult: ControlResult {
    public static let schemaIdentifier = "stile.show.pipeline/1"
    public private(set) var schema = PipelineResult.schemaIdentifier

    public let takenAt: Timestamp
    /// The rate of the clock that cycles are counted in.
    public let clockHertz: UInt64
    public let workers: [WorkerStatus]

    public init(takenAt: Timestamp, clockHertz: UInt64, workers: [WorkerStatus]) {
        self.takenAt = takenAt
        self.clockHertz = clockHertz
        self.workers = workers
    }
}

/// One worker since its start.
public struct WorkerStatus: Codable, Hashable, Sendable {
    public let worker: Int
    /// The processor it is bound to; `nil` when the kernel chooses.
    public let core: Int?
    public let loops: UInt64
    /// Loops that found no packet.
    public let idleLoops: UInt64
    /// Bursts with at least one packet.
    public let bursts: UInt64
    public let packets: UInt64
    /// In the order of the pipeline.
    public let stages: [StageStatus]
    /// Packets for the control process, by class.
    public let punted: [PuntCount]
    /// Packets for the control process that were lost since the ring was full.
    public let puntRingFullPackets: UInt64
    /// Packets of the control process that were sent.
    public let injectedPackets: UInt64

    public init(
        worker: Int, core: Int? = nil, loops: UInt64, idleLoops: UInt64, bursts: UInt64, packets: UInt64,
        stages: [StageStatus], punted: [PuntCount], puntRingFullPackets: UInt64, injectedPackets: UInt64
    ) {
        self.worker = worker
        self.core = core
        self.loops = loops
        self.idleLoops = idleLoops
        self.bursts = bursts
        self.packets = packets
        self.stages = stages
        self.punted = punted
        self.puntRingFullPackets = puntRingFullPackets
        self.injectedPackets = injectedPackets
    }
}

/// What one stage of the pipeline cost one worker.
public struct StageStatus: Codable, Hashable, Sendable {
    public let stage: String
    public let packets: UInt64
    public let cycles: UInt64

    public init(stage: String, packets: UInt64, cycles: UInt64) {
        self.stage = stage
        self.packets = packets
        self.cycles = cycles
    }

    /// `nil` before the first packet.
    public var cyclesPerPacket: Double? { packets == 0 ? nil : Double(cycles) / Double(packets) }
}

public struct PuntCount: Codable, Hashable, Sendable {
    /// In snake_case, for instance `neighbor_discovery`.
    public let puntClass: String
    public let packets: UInt64

    public init(puntClass: String, packets: UInt64) {
        self.puntClass = puntClass
        self.packets = packets
    }
}
