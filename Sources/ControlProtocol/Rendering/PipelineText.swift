import Foundation

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
