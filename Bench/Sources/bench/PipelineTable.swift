import Foundation
import Pipeline

/// The terminal's form of a pipeline report.
enum PipelineTable {
    static func print(_ report: PipelineReport) {
        if let seed = report.seed { Swift.print("seed \(seed)") }
        Swift.print("tables on \(report.environment.tablePages) pages, load average \(report.environment.loadAverage)")
        Swift.print("TSC cycles per packet, medians over bursts of \(Burst.capacity)")
        Swift.print(
            row([
                "path", "VRFs", "routes", "hops", "of", "Stile", "C", "ratio", "limit", "aim", "p10", "C p10",
            ]) + "  stages")
        for entry in report.cases {
            let stages = Stage.allCases.compactMap { stage in
                entry.stages[stage.identifier].map { "\(stage.identifier) \(rounded($0))" }
            }
            let limit = entry.limitCycles.map { "\(Int($0))" } ?? "-"
            let aim = entry.aimCycles.map { "\(Int($0))" } ?? "-"
            let dropped = entry.forwardedShare < 1 ? "  forwarded \(entry.forwardedShare)" : ""
            Swift.print(
                row([
                    entry.path, "\(entry.vrfs)", "\(entry.routes)", "\(entry.nextHops)",
                    entry.family + (entry.serviceTag ? "/qinq" : ""), "\(entry.cyclesPerPacket)",
                    "\(entry.referenceCyclesPerPacket)", "\(entry.swiftToReference)", limit, aim,
                    "\(entry.cyclesPerPacketTenthPercentile)", "\(entry.referenceCyclesPerPacketTenthPercentile)",
                ]) + "  " + stages.joined(separator: ", ") + dropped)
            for (loop, cycles) in (entry.l3fwdCyclesPerPacket ?? [:]).sorted(by: { $0.key < $1.key }) {
                Swift.print("         \(loop) with the same packets: \(cycles)")
            }
        }
        printCore(report.cases)
    }

    /// What a packet costs more that goes into the core, or comes from there, than one that goes to a circuit or comes from one.
    private static func printCore(_ cases: [PipelineReport.Case]) {
        for (core, circuit) in [(Path.nniToCore, Path.nniToCircuit), (.coreToNNI, .circuitToNNI)] {
            for entry in cases where entry.path == core.rawValue {
                let beside = cases.first { $0.path == circuit.rawValue && $0.isOfSameTables(as: entry) }
                guard let beside else { continue }
                let more = rounded(entry.cyclesPerPacket - beside.cyclesPerPacket)
                Swift.print(
                    "\(core.rawValue) beside \(circuit.rawValue), \(entry.vrfs)x\(entry.routes)x\(entry.nextHops) "
                        + "\(entry.family): \(more) cycles more (limit 8)")
            }
        }
    }

    private static func row(_ cells: [String]) -> String {
        let widths = [8, 6, 9, 9, 10, 8, 8, 8, 7, 5, 8, 8]
        return zip(cells, widths).map { cell, width in
            String(repeating: " ", count: max(0, width - cell.count)) + cell
        }.joined()
    }
}
