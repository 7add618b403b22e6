import Addressing
import CDPDKLookup
import CTableLayout
import ForwardingTables
import Glibc

/// `bench lookup`: our FIB's burst lookup beside DPDK's, in turns in one process, over the same routes and
/// destinations.
struct LookupCommand {
    let options: Options
    let cyclesPerSecond = EnvironmentReport.measureCyclesPerSecond()
    private static let burst = 64
    private static let destinations = 1 << 20

    enum Failure: Error { case noDPDK }

    func run() throws {
        guard DPDKEnvironment.start(onHugepages: options.hugepageDirectory != nil) else { throw Failure.noDPDK }
        var generator = SeededGenerator(seed: options.seed)
        func single(_ family: AddressFamily, _ count: Int) -> [[Route]] {
            [RandomRoutes.make(family: family, count: count, nextHops: 16, using: &generator)]
        }
        let million = single(.ipv4, 1_000_000)
        let tenThousand = single(.ipv4, 10_000)
        let manyVRFs = (0..<1_000).map { _ in
            RandomRoutes.make(family: .ipv4, count: 500, nextHops: 1, using: &generator)
        }
        let ipv6 = single(.ipv6, 200_000)
        let cases = [
            try measure(.ipv4, tenThousand, nextHops: 1, inCache: false, &generator),
            try measure(.ipv4, million, nextHops: 1, inCache: false, &generator),
            try measure(.ipv4, million, nextHops: 16, inCache: false, &generator),
            try measure(.ipv4, million, nextHops: 1, inCache: true, &generator),
            try measure(.ipv4, manyVRFs, nextHops: 1, inCache: false, &generator),
            try measure(.ipv6, ipv6, nextHops: 1, inCache: false, &generator),
        ]
        let report = LookupReport(
            environment: .current(
                tablePages: options.hugepageDirectory == nil ? "4 KiB" : "2 MiB", cyclesPerSecond: cyclesPerSecond),
            seed: options.seed, cases: cases, tenRouteBytes: try bytes(vrfs: 1, routes: 10, &generator),
            manyTablesBytes: try bytes(vrfs: 4_096, routes: 1_000, &generator))
        if options.json { try printJSON(report) } else { printTable(report) }
    }

    /// Octets of the FIBs of `vrfs` VRFs of `routes` routes each: as many times the mean of 128 at most.
    private func bytes(vrfs: Int, routes: Int, _ generator: inout SeededGenerator) throws -> Int {
        let sample = min(vrfs, 128)
        let box = try Box(plan: PortPlan(firstVLAN: 1), vrfs: sample, nextHopsPerVRF: 1, hugepageDirectory: nil)
        var sum = 0
        for vrf in 1...sample {
            try box.add(RandomRoutes.make(family: .ipv4, count: routes, nextHops: 1, using: &generator), vrf: vrf)
            sum += box.writer.routes.byteCount(vrf: UInt16(vrf), family: .ipv4)
        }
        return sum / sample * vrfs
    }

    private func measure(
        _ family: AddressFamily, _ routes: [[Route]], nextHops: Int, inCache: Bool, _ generator: inout SeededGenerator
    ) throws -> LookupReport.Case {
        let vrfs = routes.count
        let routeCount = routes[0].count
        let box = try Box(
            plan: PortPlan(firstVLAN: vrfs > 1 ? 1 : nil), vrfs: vrfs, nextHopsPerVRF: nextHops,
            hugepageDirectory: options.hugepageDirectory)
        // rte_lpm searches its rules one by one when it adds one: a million would take a day.
        let ipv4Kinds = vrfs == 1 && routeCount <= 20_000 ? [DPDK_FIB, DPDK_LPM] : [DPDK_FIB]
        let kinds = family == .ipv4 ? ipv4Kinds : [DPDK_FIB6]
        var tables: [[DPDKTable]] = Array(repeating: [], count: kinds.count)
        for vrf in 1...vrfs {
            let ofVRF = routes[vrf - 1]
            try box.add(ofVRF, vrf: vrf)
            // A 64 MiB table for each VRF: as many as fit, of one library after the other.
            for kind in kinds.indices where tables[kind].count == vrf - 1 {
                guard let table = DPDKTable(kinds[kind], number: vrf, routes: routeCount) else { continue }
                for route in ofVRF { table.add(route) }
                tables[kind].append(table)
            }
        }
        let fitting = vrfs == 1 ? 1 : max(tables[0].count, 1)
        let set = DestinationSet(
            count: inCache ? 1_024 : Self.destinations, family: family, routes: routes, tables: fitting, box: box,
            using: &generator)
        var figures: [String: Distribution] = ["stile": Distribution()]
        let queue = FIBQueue()
        defer { queue.deallocate() }
        let found = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.burst)
        let found64 = UnsafeMutablePointer<UInt64>.allocate(capacity: Self.burst)
        defer {
            found.deallocate()
            found64.deallocate()
        }
        let fib = box.reader.fib
        let bursts = set.count / Self.burst
        let deadline = stile_cycles() &+ UInt64(options.seconds * 2 * cyclesPerSecond)
        var turn = 0
        while stile_cycles() < deadline || turn < bursts {
            // The libraries take other parts of the destinations in a turn, so that none warms the caches for another.
            let own = turn % bursts * Self.burst
            let start = stile_cycles()
            if family == .ipv4 {
                for place in 0..<Self.burst {
                    fib.enqueue(ipv4: set.ipv4[own &+ place], root: set.roots[own &+ place], at: place, in: queue)
                }
                fib.lookup(ipv4: queue, count: Self.burst, results: found)
            } else {
                for place in 0..<Self.burst {
                    fib.enqueue(ipv6: set.ipv6[own &+ place], root: set.roots[own &+ place], at: place, in: queue)
                }
                fib.lookup(ipv6: queue, count: Self.burst, results: found)
            }
            figures["stile", default: Distribution()].add(Double(stile_cycles() &- start) / Double(Self.burst))
            for (number, ofKind) in tables.enumerated() where !ofKind.isEmpty {
                let place = (turn + (number + 1) * bursts / 3) % bursts * Self.burst
                let table = ofKind[set.table(ofBurst: place / Self.burst) % ofKind.count]
                let addresses =
                    family == .ipv4 ? UnsafeRawPointer(set.ipv4 + place) : UnsafeRawPointer(set.octets + place * 16)
                let start = stile_cycles()
                table.lookup(addresses, found64, count: Self.burst)
                figures[table.name, default: Distribution()].add(Double(stile_cycles() &- start) / Double(Self.burst))
            }
            turn += 1
        }
        let fibBytes = (1...vrfs).reduce(0) { $0 + box.writer.routes.byteCount(vrf: UInt16($1), family: family) }
        return LookupReport.Case(
            family: family == .ipv4 ? "ipv4" : "ipv6", routes: routeCount, vrfs: fitting, nextHops: nextHops,
            destinations: inCache ? "in-cache" : "random", cyclesPerLookup: figures.mapValues { rounded($0.median) },
            tenthPercentileCycles: figures.mapValues { rounded($0.percentile(0.1)) },
            bytesPerRoute: rounded(Double(fibBytes) / Double(routeCount * vrfs), decimals: 2),
            dpdkTables: fitting < vrfs ? fitting : nil)
    }

    private func printTable(_ report: LookupReport) {
        print("seed \(report.seed), tables on \(report.environment.tablePages) pages")
        for entry in report.cases {
            let figures = entry.cyclesPerLookup.keys.sorted().reversed().map {
                "\($0) \(entry.cyclesPerLookup[$0] ?? 0) (p10 \(entry.tenthPercentileCycles[$0] ?? 0))"
            }
            print(
                "\(entry.family) \(entry.vrfs) x \(entry.routes) routes, \(entry.nextHops) next hops, "
                    + "\(entry.destinations): " + figures.joined(separator: ", ")
                    + " cycles a lookup; \(entry.bytesPerRoute) octets a route")
        }
        print("a VRF of ten routes: \(report.tenRouteBytes) octets")
        print("4,096 VRFs of 1,000 routes: \(report.manyTablesBytes >> 20) MiB")
    }
}
