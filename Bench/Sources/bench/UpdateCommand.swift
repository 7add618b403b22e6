import Addressing
import CTableLayout
import ForwardingTables
import Foundation

/// `bench update`: adding and deleting routes of a large table while one other thread looks addresses up in it.
struct UpdateCommand {
    let options: Options
    let cyclesPerSecond = EnvironmentReport.measureCyclesPerSecond()

    struct Figures: Codable {
        /// Of the thread's processor time.
        var averageNanoseconds: Double
        /// The rest by the clock: the worst holds what other programs took.
        var medianNanoseconds: Double
        var p999Nanoseconds: Double
        var worstNanoseconds: Double
        var count: Int
    }

    struct Report: Codable {
        var schema = "stile.bench.update/1"
        var environment: EnvironmentReport
        var seed: UInt64
        var routes: Int
        var add: Figures
        var delete: Figures
        /// Of the other thread's bursts of 64 lookups: without and with updates going on.
        var lookupCyclesAtRest: Double
        var lookupCyclesDuringUpdates: Double
        var lookupWorstBurstMicroseconds: Double
    }

    private static let routes = 1_000_000
    private static let changes = 100_000

    func run() throws {
        var generator = SeededGenerator(seed: options.seed)
        let box = try Box(
            plan: PortPlan(), vrfs: 1, nextHopsPerVRF: 1, hugepageDirectory: options.hugepageDirectory)
        let routes = RandomRoutes.make(
            family: .ipv4, count: Self.routes + Self.changes, nextHops: 1, using: &generator)
        try box.add(Array(routes[..<Self.routes]), vrf: 1)
        let changed = Array(routes[Self.routes...])
        let destinations = (0..<(1 << 16)).map { _ -> UInt32 in
            let route = routes[generator.below(Self.routes)]
            guard case .ipv4(let address) = RandomRoutes.address(inside: route.prefix, using: &generator) else {
                return 0
            }
            return address.rawValue
        }
        let reader = LookupThread(tables: box.reader, destinations: destinations)
        box.writer.markPublished()
        reader.start()
        Thread.sleep(forTimeInterval: 0.5)
        let atRest = reader.takeFigures()
        let add = try time(changed, box, reader) { try box.add([$0], vrf: 1) }
        let delete = try time(changed, box, reader) { _ = try box.writer.routes.remove($0.prefix, vrf: 1) }
        let during = reader.takeFigures()
        reader.stop()
        let report = Report(
            environment: .current(tablePages: box.isOnHugepages ? "2 MiB" : "4 KiB", cyclesPerSecond: cyclesPerSecond),
            seed: options.seed, routes: Self.routes, add: add, delete: delete,
            lookupCyclesAtRest: rounded(atRest.median / 64), lookupCyclesDuringUpdates: rounded(during.median / 64),
            lookupWorstBurstMicroseconds: rounded(during.percentile(1) / cyclesPerSecond * 1e6))
        if options.json {
            try printJSON(report)
        } else {
            print(
                """
                seed \(report.seed), \(report.routes) routes, a change at a time, lookups going on in another thread
                add:    average \(add.averageNanoseconds) ns, median \(add.medianNanoseconds) ns, 99.9 % \(add.p999Nanoseconds) ns, worst \(add.worstNanoseconds) ns
                delete: average \(delete.averageNanoseconds) ns, median \(delete.medianNanoseconds) ns, 99.9 % \(delete.p999Nanoseconds) ns, worst \(delete.worstNanoseconds) ns
                lookup: \(report.lookupCyclesAtRest) cycles at rest, \(report.lookupCyclesDuringUpdates) during updates, \
                worst burst of 64 \(report.lookupWorstBurstMicroseconds) µs
                """)
        }
    }

    /// Times each change. As the control process does, an epoch is closed for each batch of changes, and blocks come
    /// back when the reader has passed it.
    private func time(
        _ routes: [Route], _ box: Box, _ reader: LookupThread, _ change: (Route) throws -> Void
    ) throws -> Figures {
        var cycles = Distribution()
        let began = ThreadTime.seconds
        for (number, route) in routes.enumerated() {
            let start = stile_cycles()
            try change(route)
            let taken = Double(stile_cycles() &- start)
            cycles.add(taken)
            if number % 256 == 0 {
                box.writer.closeEpoch(reader.advanceEpoch())
                box.writer.reclaim(passed: reader.passedEpoch)
            }
        }
        let seconds = ThreadTime.seconds - began
        let nanoseconds = 1e9 / cyclesPerSecond
        return Figures(
            averageNanoseconds: rounded(seconds / Double(routes.count) * 1e9),
            medianNanoseconds: rounded(cycles.median * nanoseconds),
            p999Nanoseconds: rounded(cycles.percentile(0.999) * nanoseconds),
            worstNanoseconds: rounded(cycles.percentile(1) * nanoseconds), count: routes.count)
    }
}
