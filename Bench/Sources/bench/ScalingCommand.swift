import Addressing
import CTableLayout
import ForwardingTables
import Foundation
import Pipeline

/// `bench scaling`: one worker against two, each on a thread of its own with frames, counters and state of its own, over
/// the same tables; and valid packets alone against valid packets among ones with labels that are not valid.
struct ScalingCommand {
    let options: Options
    let cyclesPerSecond = EnvironmentReport.measureCyclesPerSecond()

    struct Report: Codable {
        var schema = "stile.bench.scaling/1"
        var environment: EnvironmentReport
        var seed: UInt64
        /// Packets per second of the workers' processor time, millions, receive's copy included: medians of the rounds.
        /// A worker that another program keeps from running is not slower by that.
        var oneWorkerMpps: Double
        var twoWorkersMpps: Double
        /// Median of the rounds' own ratios; 2 is perfect.
        var ratio: Double
        /// TSC cycles per packet of a mix of which this share carries labels that are not valid.
        var attackCycles: [String: Double]
        var rounds: Int
        /// With `--dataplane` only.
        var oneQueue: OneQueueMeasurement.Report?
    }

    private static let rounds = 9
    private static let vrfs = 100
    private static let routes = 1_000

    func run() throws {
        var generator = SeededGenerator(seed: options.seed)
        let plan = PortPlan(firstVLAN: 1)
        let box = try Box(
            plan: plan, vrfs: Self.vrfs, nextHopsPerVRF: 1, hugepageDirectory: options.hugepageDirectory)
        var routes: [[Route]] = []
        for vrf in 1...Self.vrfs {
            routes.append(RandomRoutes.make(family: .ipv4, count: Self.routes, nextHops: 1, using: &generator))
            try box.add(routes[vrf - 1], vrf: vrf)
        }
        try box.lead(by: .nniToNNI)
        func frames(invalidShare: Double) -> FrameStore {
            let count = 1 << 15
            let store = FrameStore(count: count, bytes: count * 64)
            let builder = FrameBuilder(plan: plan)
            for _ in 0..<count {
                let vrf = 1 + generator.below(Self.vrfs)
                let route = routes[vrf - 1][generator.below(Self.routes)]
                let isInvalid = Double(generator.below(1_000)) < invalidShare * 1_000
                store.append(
                    builder.frame(
                        to: RandomRoutes.address(inside: route.prefix, using: &generator),
                        vrf: isInvalid ? vrf + 500_000 : vrf, labelled: true, using: &generator))
            }
            return store
        }
        let valid = frames(invalidShare: 0)
        let workers = [valid, frames(invalidShare: 0)].map { WorkerThread(box: box, store: $0) }
        var one = Distribution()
        var two = Distribution()
        var ratios = Distribution()
        for _ in 0..<Self.rounds {
            let alone = measure([workers[0]])
            let together = measure(workers)
            one.add(alone)
            two.add(together)
            ratios.add(together / alone)
        }
        var attack: [String: Double] = [:]
        let mixes = [0.0, 0.25, 0.5, 0.75, 0.95].map { ($0, WorkerThread(box: box, store: frames(invalidShare: $0))) }
        for (share, worker) in mixes {
            let speeds = (0..<5).map { _ in measure([worker]) }.sorted()
            attack["\(Int(share * 100))%"] = rounded(cyclesPerSecond / (speeds[2] * 1e6))
        }
        let oneQueue = try options.dataplane.map {
            try OneQueueMeasurement(program: $0, seconds: options.seconds, cyclesPerSecond: cyclesPerSecond)
                .run(box, valid)
        }
        let report = Report(
            environment: .current(tablePages: box.isOnHugepages ? "2 MiB" : "4 KiB", cyclesPerSecond: cyclesPerSecond),
            seed: options.seed, oneWorkerMpps: rounded(one.median, decimals: 2),
            twoWorkersMpps: rounded(two.median, decimals: 2), ratio: rounded(ratios.median, decimals: 2),
            attackCycles: attack, rounds: Self.rounds, oneQueue: oneQueue)
        if options.json {
            try printJSON(report)
        } else {
            print(
                "one worker \(report.oneWorkerMpps) Mpps, two \(report.twoWorkersMpps) Mpps, ratio \(report.ratio) (median of \(report.rounds) rounds)"
            )
            for (share, _) in mixes {
                let name = "\(Int(share * 100))%"
                print("\(name) invalid labels: \(attack[name] ?? 0) cycles a packet, receive's copy included")
            }
            if let oneQueue { oneQueue.print() }
        }
    }

    /// Millions of packets per second of all workers together, run at the same time.
    private func measure(_ workers: [WorkerThread]) -> Double {
        let until = stile_cycles() &+ UInt64(max(options.seconds / 4, 0.1) * cyclesPerSecond)
        let group = DispatchGroup()
        for worker in workers {
            group.enter()
            Thread.detachNewThread {
                worker.run(until: until)
                group.leave()
            }
        }
        group.wait()
        return workers.reduce(0) { $0 + $1.packetsPerSecond } / 1e6
    }
}

/// A worker with frames of its own: memory rings without a device.
private final class WorkerThread: @unchecked Sendable {
    private let side: SwiftSide
    let pool = FramePool()
    private let store: FrameStore
    /// Of the last run's processor time.
    private(set) var packetsPerSecond = 0.0

    init(box: Box, store: FrameStore) {
        self.store = store
        side = SwiftSide(tables: box.reader, counterCount: PortPlan.counterCount(vrfs: box.vrfs))
    }

    func run(until: UInt64) {
        var done = 0
        var first = 0
        let start = ThreadTime.seconds
        while stile_cycles() < until {
            pool.receive(from: store, first: first)
            for burst in 0..<(FramePool.batch / Burst.capacity) {
                let offset = burst * Burst.capacity
                side.take(
                    from: pool, first: offset, store: store, storeFirst: first + offset, port: PortPlan.ingressNNI)
                _ = side.process()
            }
            done += FramePool.batch
            first = (first + FramePool.batch) % store.count
        }
        packetsPerSecond = Double(done) / max(ThreadTime.seconds - start, 1e-9)
    }
}
