import CDPDKLookup
import CTableLayout
import Foundation
import Pipeline

/// `bench policer`: what metering a packet costs beside DPDK's rte_meter, alone and with two threads on one bucket, and
/// how well a rate is held.
struct PolicerCommand {
    let options: Options
    let cyclesPerSecond = EnvironmentReport.measureCyclesPerSecond()

    struct Case: Codable {
        var policer: String
        /// `conforming`: the rate is never reached; `exceeding`: it is far below what comes.
        var load: String
        /// Packets of a policer that follow each other in a burst of 64.
        var run: Int
        /// TSC cycles, medians over bursts.
        var cyclesPerPacket: Double
        var dpdkCyclesPerPacket: Double
    }

    struct Report: Codable {
        var schema = "stile.bench.policer/1"
        var environment: EnvironmentReport
        var seed: UInt64
        var cases: [Case]
        /// Single rate, conforming, runs of 64: cycles of processor time a packet of one thread, and of each of two that
        /// draw from one bucket all the time.
        var oneThreadCyclesPerPacket: Double
        var sharedBucketCyclesPerPacket: Double
        var accuracy: [PolicerAccuracy.Figure]
        /// The largest of them.
        var worstErrorPercent: Double
    }

    private static let runs = [64, 8, 1]
    /// Per second: more than a loop of metering offers, and far less.
    private static let loads = [("conforming", UInt64(8_000_000_000_000)), ("exceeding", 1_000_000)]

    func run() throws {
        guard DPDKEnvironment.start(onHugepages: options.hugepageDirectory != nil) else { throw Failure.noDPDK }
        var cases: [Case] = []
        for policer in MeteredPolicer.allCases {
            for (load, rate) in Self.loads {
                for run in Self.runs {
                    cases.append(try measure(policer, load, MeteredPolicer.Rates(committed: rate), run))
                }
            }
        }
        let (one, shared) = shareBucket()
        let accuracy = PolicerAccuracy(seed: options.seed).run()
        let report = Report(
            environment: .current(tablePages: "none", cyclesPerSecond: cyclesPerSecond), seed: options.seed,
            cases: cases, oneThreadCyclesPerPacket: one, sharedBucketCyclesPerPacket: shared, accuracy: accuracy,
            worstErrorPercent: accuracy.map { abs($0.errorPercent) }.max() ?? 0)
        if options.json { try printJSON(report) } else { show(report) }
    }

    enum Failure: Error, CustomStringConvertible {
        case noDPDK
        case coloursDiffer(policer: String, load: String)

        var description: String {
            switch self {
            case .noDPDK: "DPDK's environment did not start, or its meter refuses the rates"
            case .coloursDiffer(let policer, let load): "\(policer), \(load): the load is not what it is to be"
            }
        }
    }

    private func show(_ report: Report) {
        print("TSC cycles per packet, medians over bursts of \(PolicerBursts.burst); in brackets rte_meter")
        for policer in MeteredPolicer.allCases {
            for (load, _) in Self.loads {
                let figures = report.cases.filter { $0.policer == policer.rawValue && $0.load == load }.map {
                    "runs of \($0.run): \($0.cyclesPerPacket) (\($0.dpdkCyclesPerPacket))"
                }
                print("\(policer.rawValue), \(load): \(figures.joined(separator: ", "))")
            }
        }
        print(
            "one bucket: one thread \(report.oneThreadCyclesPerPacket) cycles a packet,",
            "each of two \(report.sharedBucketCyclesPerPacket)")
        print("rate held from 8 kbit/s to 100 Gbit/s: worst error \(report.worstErrorPercent) %")
    }

    /// The product and DPDK in turns, a burst each.
    private func measure(
        _ policer: MeteredPolicer, _ load: String, _ rates: MeteredPolicer.Rates, _ run: Int
    ) throws -> Case {
        guard let meter = policer.meter(rates) else { throw Failure.noDPDK }
        let bursts = PolicerBursts(seed: options.seed, cyclesPerSecond: cyclesPerSecond)
        let count = PolicerBursts.burst / run
        var record = policer.record(rates)
        let states = UnsafeMutablePointer<stile_policer_state>.allocate(capacity: count)
        let meters = UnsafeMutablePointer<dpdk_meter_storage>.allocate(capacity: count)
        states.initialize(repeating: stile_policer_state(), count: count)
        meters.initialize(repeating: meter, count: count)
        defer {
            states.deallocate()
            meters.deallocate()
        }
        var own = Distribution()
        var other = Distribution()
        var cycles = 0.0
        while cycles < options.seconds / 8 * cyclesPerSecond {
            let taken = bursts.meter(&record, states, run: run)
            let takenByOther = bursts.meter(meters, run: run)
            own.add(taken / Double(PolicerBursts.burst))
            other.add(takenByOther / Double(PolicerBursts.burst))
            cycles += taken + takenByOther
        }
        guard bursts.isGreen(&record, states) == (load == "conforming") else {
            throw Failure.coloursDiffer(policer: policer.rawValue, load: load)
        }
        return Case(
            policer: policer.rawValue, load: load, run: run, cyclesPerPacket: rounded(own.median),
            dpdkCyclesPerPacket: rounded(other.median))
    }

    /// One thread alone, and two on one bucket, in turns.
    private func shareBucket() -> (one: Double, shared: Double) {
        let threads = (0..<2).map { PolicerThread(seed: options.seed &+ $0, cyclesPerSecond: cyclesPerSecond) }
        let rates = MeteredPolicer.Rates(committed: Self.loads[0].1)
        let bucket = SharedPolicer(MeteredPolicer.singleRate.record(rates))
        var one = Distribution()
        var shared = Distribution()
        for _ in 0..<9 {
            for (running, isShared) in [([threads[0]], false), (threads, true)] {
                let until = stile_cycles() &+ UInt64(options.seconds / 20 * cyclesPerSecond)
                let group = DispatchGroup()
                for thread in running {
                    group.enter()
                    Thread.detachNewThread {
                        thread.run(bucket, until: until)
                        group.leave()
                    }
                }
                group.wait()
                for thread in running {
                    if isShared { shared.add(thread.cyclesPerPacket) } else { one.add(thread.cyclesPerPacket) }
                }
            }
        }
        return (rounded(one.median), rounded(shared.median))
    }
}
