import CTableLayout
import Pipeline

/// TSC cycles per packet of each stage of one worker, as its bursts that are clocked show them.
struct StageCosts {
    /// By `Stage`; `nil`: no packet passed it.
    private var cycles: [Double?]

    /// Between two looks at the worker's record.
    init(from start: stile_worker, to end: stile_worker) {
        let before = Self.words(start)
        let after = Self.words(end)
        cycles = Stage.allCases.map { stage in
            let place = Int(stage.rawValue)
            let packets = after.packets[place] &- before.packets[place]
            return packets == 0 ? nil : Double(after.cycles[place] &- before.cycles[place]) / Double(packets)
        }
    }

    private init(cycles: [Double?]) { self.cycles = cycles }

    /// Stage by stage.
    static func median(_ costs: [StageCosts]) -> StageCosts {
        StageCosts(
            cycles: Stage.allCases.map { stage in
                var figures = Distribution()
                for cost in costs { if let value = cost.cycles[Int(stage.rawValue)] { figures.add(value) } }
                return figures.isEmpty ? nil : figures.median
            })
    }

    /// By the stages' identifiers.
    var report: [String: Double] {
        var report: [String: Double] = [:]
        for stage in Stage.allCases {
            if let value = cycles[Int(stage.rawValue)] { report[stage.identifier] = rounded(value) }
        }
        return report
    }

    private func sum(_ stages: some Sequence<Stage>) -> Double {
        stages.reduce(0) { $0 + (cycles[Int($1.rawValue)] ?? 0) }
    }

    /// How many times as fast as one worker two are at most, one of which receives all: per received packet that one has
    /// to receive and spread, whatever it keeps.
    static func bound(alone: StageCosts, receiving: StageCosts, other: StageCosts) -> Double {
        let toReceive: [Stage] = [.receive, .spread]
        let always = receiving.sum(toReceive)
        // What a packet costs that stays, as with one worker, and one that is handed over.
        let kept = alone.sum(Stage.allCases.filter { !toReceive.contains($0) })
        let handedOver = other.sum(Stage.allCases)
        let keptShare = max((handedOver - always) / (handedOver + kept), 0)
        let slower = max(always + keptShare * kept, (1 - keptShare) * handedOver)
        return slower > 0 ? alone.sum(Stage.allCases) / slower : 0
    }

    private static func words(_ record: stile_worker) -> (cycles: [UInt64], packets: [UInt64]) {
        withUnsafeBytes(of: record.stage_cycles) { cycles in
            withUnsafeBytes(of: record.stage_packets) { packets in
                (Array(cycles.bindMemory(to: UInt64.self)), Array(packets.bindMemory(to: UInt64.self)))
            }
        }
    }
}
