import CTableLayout
import ForwardingTables
import Foundation
import Pipeline

/// Real workers of the real program when all packets come in on one queue of one port: the worker that has the queue
/// receives all, keeps some flows and hands the others over.
///
/// Frames come from DPDK's capture device, which repeats a file without end and copies each frame; what leaves goes to a
/// device that throws it away. Both cost less than a NIC's descriptors, and both are in the figures.
struct OneQueueMeasurement {
    struct Report: Codable {
        /// Packets forwarded per second of the receiving worker's processor time, millions: medians over slices of 4 ms
        /// in which the other worker had no more time than it and yet kept pace, so that no packet was lost.
        var oneWorkerMpps: Double
        var twoWorkersMpps: Double
        /// Median of the rounds' own ratios; `nil` when there was no such slice.
        var ratio: Double?
        /// TSC cycles of the worker's processor time, for all that it does: of the one worker per packet; of the one of
        /// two with the queue per received packet; and of the other one per packet that was handed to it, from the cycles
        /// of the loops that found some.
        var oneWorkerCyclesPerPacket: Double
        var receivingCyclesPerPacket: Double
        var otherCyclesPerPacket: Double
        /// The stages of these three in the bursts that are clocked, which pass them one by one and so cost more:
        /// cycles per packet of the stage.
        var oneWorkerStages: [String: Double]
        var receivingStages: [String: Double]
        var otherStages: [String: Double]
        /// What two workers could do at most of what one does, by these stages and with the best sharing.
        var bound: Double
        /// Received packets that stayed with the receiving worker.
        var keptShare: Double
        /// Received packets that a full ring to the other worker did not take: a processor that others use shows here.
        var lostShare: Double
        /// Slices that count, of all with two workers.
        var countedShare: Double
        var rounds: Int

        func print() {
            let comparison = ratio.map { "ratio \($0)" } ?? "no ratio: the other worker never kept pace"
            Swift.print("all packets on one queue, real workers of stile-dataplane:")
            Swift.print(
                "  one worker \(oneWorkerMpps) Mpps, two \(twoWorkersMpps) Mpps, \(comparison), at most \(bound)")
            for (name, cycles, stages) in [
                ("one worker, a packet", oneWorkerCyclesPerPacket, oneWorkerStages),
                ("the receiving one of two, a received packet", receivingCyclesPerPacket, receivingStages),
                ("the other one, a packet handed to it", otherCyclesPerPacket, otherStages),
            ] {
                let parts = Stage.allCases.compactMap { stage in
                    stages[stage.identifier].map { "\(stage.identifier) \($0)" }
                }
                Swift.print("  \(name): \(cycles) cycles; \(parts.joined(separator: ", "))")
            }
            Swift.print("  kept \(keptShare); lost \(lostShare); \(countedShare) of the slices count")
        }
    }

    /// What one run of the program showed.
    private struct Run {
        /// `nil`: there was no slice to be counted.
        var mpps: Double?
        /// Of the worker with the queue, and of the other one.
        var receivingCycles: Double
        var otherCycles: Double
        var stages: StageCosts
        var otherStages: StageCosts
        var keptShare: Double
        var lostShare: Double
        var countedShare: Double
    }

    let program: String
    let seconds: Double
    let cyclesPerSecond: Double
    private static let rounds = 5
    /// Frames of the file, each a flow of its own: the device holds all of them in buffers of the port.
    static let flows = 256
    /// Shorter than the kernel leaves a thread on a processor that others want, too.
    private static let sliceSeconds = 0.004

    /// - Parameter store: valid labelled frames, of which the first `flows` are sent.
    func run(_ box: Box, _ store: FrameStore) throws -> Report {
        let capture = "/tmp/stile-bench-\(getpid())-one-queue.pcap"
        try CaptureFile.write((0..<min(Self.flows, store.count)).map(store.frame), to: capture)
        defer { try? FileManager.default.removeItem(atPath: capture) }
        var one: [Run] = []
        var two: [Run] = []
        for _ in 0..<Self.rounds {
            one.append(try measure(workers: 1, box, capture))
            two.append(try measure(workers: 2, box, capture))
        }
        func median(_ runs: [Run], decimals: Int = 1, _ figure: (Run) -> Double?) -> Double {
            var figures = Distribution()
            for run in runs { if let value = figure(run) { figures.add(value) } }
            return rounded(figures.median, decimals: decimals)
        }
        var ratios = Distribution()
        for (single, both) in zip(one, two) {
            if let alone = single.mpps, let together = both.mpps { ratios.add(together / alone) }
        }
        let alone = StageCosts.median(one.map(\.stages))
        let receiving = StageCosts.median(two.map(\.stages))
        let other = StageCosts.median(two.map(\.otherStages))
        return Report(
            oneWorkerMpps: median(one, decimals: 2) { $0.mpps }, twoWorkersMpps: median(two, decimals: 2) { $0.mpps },
            ratio: ratios.isEmpty ? nil : rounded(ratios.median, decimals: 2),
            oneWorkerCyclesPerPacket: median(one) { $0.receivingCycles },
            receivingCyclesPerPacket: median(two) { $0.receivingCycles },
            otherCyclesPerPacket: median(two) { $0.otherCycles },
            oneWorkerStages: alone.report, receivingStages: receiving.report, otherStages: other.report,
            bound: rounded(StageCosts.bound(alone: alone, receiving: receiving, other: other), decimals: 2),
            keptShare: median(two, decimals: 3) { $0.keptShare }, lostShare: median(two, decimals: 4) { $0.lostShare },
            countedShare: median(two, decimals: 3) { $0.countedShare },
            rounds: Self.rounds)
    }

    private func measure(workers: Int, _ box: Box, _ capture: String) throws -> Run {
        try box.setPorts(
            [
                PortPlan.ingressNNI: "net_pcap_bench,rx_pcap=\(capture),infinite_rx=1",
                PortPlan.egressNNI: "net_null_bench1,no-rx=1", PortPlan.circuits: "net_null_bench2,no-rx=1",
            ], workers: workers)
        let process = try ForwardingProcess(program: program, box: box, workers: workers)
        func moment() -> Moment { Moment(workers: (0..<workers).map(process.sample)) }
        // The workers measure what is to stay with whom, ten times a second.
        Thread.sleep(forTimeInterval: 1)
        var figures = Figures()
        let first = moment()
        var before = first
        while figures.slices < Int(max(seconds, 0.2) / Self.sliceSeconds) {
            Thread.sleep(forTimeInterval: Self.sliceSeconds)
            let now = moment()
            figures.add(Slice(from: before, to: now), cyclesPerSecond: cyclesPerSecond)
            before = now
        }
        let whole = Slice(from: first, to: before)
        guard whole.received > 0 else { throw ForwardingProcess.Failure.doesNotForward(log: "no packets") }
        return Run(
            mpps: figures.mpps.isEmpty ? nil : figures.mpps.median, receivingCycles: figures.receiving.median,
            otherCycles: figures.other.median,
            stages: StageCosts.median(figures.stages.map { $0[0] }),
            otherStages: StageCosts.median(figures.stages.compactMap { $0.count > 1 ? $0[1] : nil }),
            keptShare: whole.kept / whole.received, lostShare: whole.lost / whole.received,
            countedShare: Double(figures.mpps.values.count) / Double(figures.slices))
    }

    private struct Moment {
        var workers: [ForwardingProcess.Sample]
    }

    /// What happened between two moments. The owner of the port's queue is the first worker.
    private struct Slice {
        var kept: Double
        var received: Double
        var lost: Double
        var forwarded: Double
        var processorSeconds: [Double]
        /// By worker.
        var busyCycles: [Double]
        var packets: [Double]
        var stages: [StageCosts]

        init(from start: Moment, to end: Moment) {
            func change(_ worker: Int, _ figure: KeyPath<stile_worker, UInt64>) -> Double {
                Double(end.workers[worker].record[keyPath: figure] &- start.workers[worker].record[keyPath: figure])
            }
            let workers = start.workers.indices
            kept = change(0, \.packets)
            received = kept + change(0, \.spread_packets)
            lost = change(0, \.spread_lost)
            forwarded = workers.reduce(0) { $0 + change($1, \.packets) }
            processorSeconds = workers.map {
                end.workers[$0].processorSeconds - start.workers[$0].processorSeconds
            }
            busyCycles = workers.map { change($0, \.busy_cycles) }
            packets = workers.map { change($0, \.packets) }
            stages = workers.map { StageCosts(from: start.workers[$0].record, to: end.workers[$0].record) }
        }
    }

    /// The slices of a run.
    private struct Figures {
        private static let evenTime = 1.05
        var slices = 0
        /// By worker.
        var stages: [[StageCosts]] = []
        var receiving = Distribution()
        var other = Distribution()
        /// Of the slices that count.
        var mpps = Distribution()

        mutating func add(_ slice: Slice, cyclesPerSecond: Double) {
            slices += 1
            let own = slice.processorSeconds[0]
            guard slice.received > 0, own > 0 else { return }
            stages.append(slice.stages)
            receiving.add(own * cyclesPerSecond / slice.received)
            if slice.packets.count > 1, slice.packets[1] > 0 { other.add(slice.busyCycles[1] / slice.packets[1]) }
            // The other worker polls when there is nothing for it, so its time alone says nothing. Where it had more than
            // the receiving one, which another program had kept waiting, its keeping pace says nothing either.
            let most = slice.processorSeconds.max() ?? 0
            guard slice.lost == 0, most <= own * Self.evenTime else { return }
            mpps.add(slice.forwarded / own / 1e6)
        }
    }
}
