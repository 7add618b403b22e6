import Foundation

/// `show.pipeline`: clocks per packet of each stage, by worker.
public struct ShowPipeline: ParameterlessRequest {
    public typealias Answer = PipelineResult
    public static let method = "show.pipeline"

    public init() {}
}

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
    /// That went through this worker's stages.
    public let packets: UInt64
    /// Clock cycles of the loops that found a packet, for all that was done in them: what the stages come to.
    public let busyCycles: UInt64
    /// Packets received here whose flows belong to other workers. What finding that out and handing them over costs is
    /// the stage `spread`.
    public let spreadPackets: UInt64
    /// Of those, packets that were dropped since the ring to the other worker was full.
    public let spreadLostPackets: UInt64
    /// In the order of the pipeline; of the bursts that are clocked, one in 64.
    public let stages: [StageStatus]
    /// Packets for the control process, by class.
    public let punted: [PuntCount]
    /// Packets for the control process that were lost since the ring was full.
    public let puntRingFullPackets: UInt64
    /// Packets of the control process that were sent.
    public let injectedPackets: UInt64

    public init(
        worker: Int, core: Int? = nil, loops: UInt64, idleLoops: UInt64, bursts: UInt64, packets: UInt64,
        busyCycles: UInt64, spreadPackets: UInt64, spreadLostPackets: UInt64, stages: [StageStatus],
        punted: [PuntCount], puntRingFullPackets: UInt64, injectedPackets: UInt64
    ) {
        self.worker = worker
        self.core = core
        self.loops = loops
        self.idleLoops = idleLoops
        self.bursts = bursts
        self.packets = packets
        self.busyCycles = busyCycles
        self.spreadPackets = spreadPackets
        self.spreadLostPackets = spreadLostPackets
        self.stages = stages
        self.punted = punted
        self.puntRingFullPackets = puntRingFullPackets
        self.injectedPackets = injectedPackets
    }

    /// All that the worker does, by packets that it took or handed over; `nil` before the first.
    public var cyclesPerPacket: Double? {
        let handled = packets &+ spreadPackets
        return handled == 0 ? nil : Double(busyCycles) / Double(handled)
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

extension PipelineResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [.number("WORKER"), .name("STAGE"), .number("PACKETS"), .number("CLOCKS/PACKET")],
            emptyText: "no workers")
        for worker in workers {
            for stage in worker.stages {
                table.append([
                    TextTable.Cell(worker.worker), TextTable.Cell(stage.stage), TextTable.Cell(stage.packets),
                    TextTable.Cell(stage.cyclesPerPacket.map(oneDecimal)),
                ])
            }
        }
        return table
    }

    /// A line for each worker, then the stages of all.
    public func text(_ style: TextStyle) -> String {
        guard !workers.isEmpty else { return table().text(style) }
        var summary = TextTable(
            [
                .number("WORKER"), .number("CORE"), .number("PACKETS"), .number("BURSTS"), .number("PACKETS/BURST"),
                .number("CLOCKS/PACKET"), .number("LOOPS"), .number("IDLE %"), .number("SPREAD"),
                .number("SPREAD RING FULL"), .number("PUNTED"), .number("PUNT RING FULL"), .number("INJECTED"),
            ], emptyText: "no workers")
        for worker in workers {
            let perBurst = worker.bursts == 0 ? nil : Double(worker.packets) / Double(worker.bursts)
            let idle = worker.loops == 0 ? nil : 100 * Double(worker.idleLoops) / Double(worker.loops)
            summary.append([
                TextTable.Cell(worker.worker), TextTable.Cell(worker.core), TextTable.Cell(worker.packets),
                TextTable.Cell(worker.bursts), TextTable.Cell(perBurst.map(oneDecimal)),
                TextTable.Cell(worker.cyclesPerPacket.map(oneDecimal)), TextTable.Cell(worker.loops),
                TextTable.Cell(idle.map(oneDecimal)), TextTable.Cell(worker.spreadPackets),
                TextTable.Cell(worker.spreadLostPackets, worker.spreadLostPackets > 0 ? .warning : .none),
                TextTable.Cell(worker.punted.reduce(UInt64(0)) { $0 &+ $1.packets }),
                TextTable.Cell(worker.puntRingFullPackets, worker.puntRingFullPackets > 0 ? .warning : .none),
                TextTable.Cell(worker.injectedPackets),
            ])
        }
        return summary.text(style) + "\n" + table().text(style)
    }
}

private func oneDecimal(_ value: Double) -> String { String(format: "%.1f", value) }
