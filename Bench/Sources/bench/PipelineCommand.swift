import Addressing
import Foundation
import Pipeline

/// `bench pipeline`: all cases of the issue, or the routes and frames of two files.
struct PipelineCommand {
    let options: Options
    let pool = FramePool()
    let cyclesPerSecond = EnvironmentReport.measureCyclesPerSecond()
    /// Different packets of a case: their destinations reach more of the tables than the caches hold.
    private static let packets = 1 << 18

    /// What one case consists of.
    private struct Case {
        var routes: Int
        var vrfs: Int
        var nextHops: Int
        var family = AddressFamily.ipv4
        /// On circuits: a service tag around the customers' tags.
        var hasServiceTag = false
        var limit: Double?
        var aim: Double?
        /// With services.
        var servicesLimit: Double?
        var servicesAim: Double?

        /// As `--only` names it.
        var name: String {
            "\(vrfs)x\(routes)x\(nextHops)" + (family == .ipv6 ? "-ipv6" : "") + (hasServiceTag ? "-qinq" : "")
        }
    }

    /// With services the sources have routes as well, in the other half of the addresses, so that no route to the one is
    /// inside of a route to the other.
    static let destinationOctets = 1...126
    static let sourceOctets = 128...223

    private static let cases = [
        Case(routes: 1, vrfs: 1, nextHops: 1, limit: 40, aim: 30, servicesLimit: 80, servicesAim: 65),
        Case(routes: 10_000, vrfs: 1, nextHops: 1, limit: 45, aim: 35),
        Case(
            routes: 1_000_000, vrfs: 1, nextHops: 1, limit: 65, aim: 50, servicesLimit: 120, servicesAim: 100),
        Case(routes: 1_000_000, vrfs: 1, nextHops: 16),
        // A label for each prefix.
        Case(routes: 1_000_000, vrfs: 1, nextHops: 1_000_000),
        Case(routes: 500, vrfs: 1_000, nextHops: 1, limit: 75, aim: 55),
        Case(routes: 500, vrfs: 1_000, nextHops: 1, hasServiceTag: true),
        Case(routes: 200_000, vrfs: 1, nextHops: 1),
        Case(routes: 1, vrfs: 1, nextHops: 1, family: .ipv6),
        Case(routes: 200_000, vrfs: 1, nextHops: 1, family: .ipv6),
        Case(routes: 1_000_000, vrfs: 1, nextHops: 1, family: .ipv6),
        Case(routes: 500, vrfs: 1_000, nextHops: 1, family: .ipv6),
    ]

    func run() throws {
        var report: PipelineReport
        if let routesFile = options.routesFile, let packetsFile = options.packetsFile {
            report = try measureFiles(routesFile, packetsFile)
        } else {
            report = try measureRandom()
        }
        if options.json {
            try printJSON(report)
        } else {
            PipelineTable.print(report)
        }
    }

    private func measureRandom() throws -> PipelineReport {
        var measured: [PipelineReport.Case] = []
        var pages = "4 KiB"
        for (number, theCase) in Self.cases.enumerated() {
            guard options.only.map({ theCase.name == $0 }) ?? true else { continue }
            // Their services are for the sources of IPv4.
            guard !options.hasServices || theCase.family == .ipv4 else { continue }
            var generator = SeededGenerator(seed: options.seed &+ UInt64(number))
            let plan = PortPlan(
                firstVLAN: theCase.vrfs > 1 ? 1 : nil, serviceVLAN: theCase.hasServiceTag ? 100 : nil,
                family: theCase.family)
            let hops = theCase.nextHops + (options.hasServices ? 1 : 0)
            let box = try Box(
                plan: plan, vrfs: theCase.vrfs, nextHopsPerVRF: hops, hugepageDirectory: options.hugepageDirectory,
                hasServices: options.hasServices)
            if box.isOnHugepages { pages = "2 MiB" }
            var routes: [[Route]] = []
            for vrf in 1...theCase.vrfs {
                routes.append(
                    RandomRoutes.make(
                        family: theCase.family, count: theCase.routes, nextHops: theCase.nextHops,
                        firstOctets: options.hasServices ? Self.destinationOctets : 1...223, using: &generator))
                try box.add(routes[vrf - 1], vrf: vrf)
            }
            let backRoutes = options.hasServices ? try addBackRoutes(theCase, box, hop: hops - 1, &generator) : nil
            for path in Path.allCases
            where (!theCase.hasServiceTag || !path.isLabelledAtIngress)
                && !(options.hasServices && !path.takesServices)
            {
                let store = FrameStore(count: Self.packets, bytes: Self.packets * FrameBuilder.mostBytes)
                let builder = FrameBuilder(plan: plan)
                for _ in 0..<Self.packets {
                    let vrf = 1 + generator.below(theCase.vrfs)
                    let route = routes[vrf - 1][generator.below(theCase.routes)]
                    let destination = RandomRoutes.address(inside: route.prefix, using: &generator)
                    let source = backRoutes.map { back in
                        RandomRoutes.address(
                            inside: back[vrf - 1][generator.below(back[vrf - 1].count)].prefix, using: &generator)
                    }
                    store.append(
                        builder.frame(
                            from: source, to: destination, vrf: vrf, labelled: path.isLabelledAtIngress,
                            under: path == .context ? box.contextLabel : nil, using: &generator))
                }
                measured.append(
                    try measure(
                        path, store, box, routes: routes[0], nextHops: theCase.nextHops,
                        limit: options.hasServices ? theCase.servicesLimit : theCase.limit,
                        aim: options.hasServices ? theCase.servicesAim : theCase.aim))
            }
        }
        return PipelineReport(
            environment: .current(tablePages: pages, cyclesPerSecond: cyclesPerSecond), seed: options.seed,
            cases: measured)
    }

    /// Routes to the sources of a case's packets, half as many as to the destinations.
    private func addBackRoutes(
        _ theCase: Case, _ box: Box, hop: Int, _ generator: inout SeededGenerator
    ) throws -> [[Route]] {
        var all: [[Route]] = []
        for vrf in 1...theCase.vrfs {
            let routes = RandomRoutes.make(
                family: .ipv4, count: max(theCase.routes / 2, 1), nextHops: 1, firstOctets: Self.sourceOctets,
                using: &generator
            ).map { Route(prefix: $0.prefix, nextHop: hop) }
            try box.add(routes, vrf: vrf)
            all.append(routes)
        }
        return all
    }

    private func measureFiles(_ routesFile: String, _ packetsFile: String) throws -> PipelineReport {
        let (routes, nextHops) = try RouteFile.read(routesFile)
        let capture = CapturedFrames(try CaptureFile.read(packetsFile), vrfs: options.vrfs, options: options)
        let box = try Box(
            plan: capture.plan, vrfs: options.vrfs, nextHopsPerVRF: nextHops,
            hugepageDirectory: options.hugepageDirectory)
        for vrf in 1...options.vrfs { try box.add(routes, vrf: vrf) }
        var measured: [PipelineReport.Case] = []
        // The frames of a capture are an NNI's or a circuit's.
        for path in Path.allCases where path.takesServices {
            guard let store = path.isLabelledAtIngress ? capture.labelled : capture.unlabelled else { continue }
            measured.append(
                try measure(path, store, box, routes: routes, nextHops: nextHops, limit: nil, aim: nil))
        }
        return PipelineReport(
            environment: .current(
                tablePages: box.isOnHugepages ? "2 MiB" : "4 KiB", cyclesPerSecond: cyclesPerSecond),
            seed: nil, cases: measured)
    }

    private func measure(
        _ path: Path, _ store: FrameStore, _ box: Box, routes: [Route], nextHops: Int, limit: Double?, aim: Double?
    ) throws -> PipelineReport.Case {
        let measurement = PipelineMeasurement(
            box: box, pool: pool, seconds: options.seconds, cyclesPerSecond: cyclesPerSecond)
        let result = try measurement.run(path, store)
        var l3fwd: [String: Double] = [:]
        if !path.isLabelledAtIngress, box.vrfs == 1, !options.hasServices {
            l3fwd = try L3ForwardingMeasurement(
                box: box, pool: pool, seconds: options.seconds, cyclesPerSecond: cyclesPerSecond
            ).run(store, routes)
        }
        let whole = result.swift.median
        var stages: [String: Double] = [:]
        for stage in Stage.allCases where result.stageShares[Int(stage.rawValue)] > 0 {
            stages[stage.identifier] = rounded(result.stageShares[Int(stage.rawValue)] * whole, decimals: 2)
        }
        return PipelineReport.Case(
            path: path.rawValue, routes: routes.count, vrfs: box.vrfs, nextHops: nextHops,
            family: box.plan.family == .ipv4 ? "ipv4" : "ipv6", serviceTag: box.plan.serviceVLAN != nil,
            services: options.hasServices ? "all" : "none",
            cyclesPerPacket: rounded(whole), referenceCyclesPerPacket: rounded(result.reference.median),
            swiftToReference: rounded(whole / result.reference.median, decimals: 3),
            cyclesPerPacketTenthPercentile: rounded(result.swift.percentile(0.1)),
            referenceCyclesPerPacketTenthPercentile: rounded(result.reference.percentile(0.1)),
            forwardedShare: rounded(Double(result.forwarded) / Double(max(result.received, 1)), decimals: 4),
            fibBytes: (1...box.vrfs).reduce(0) { $0 + box.writer.routes.byteCount(vrf: UInt16($1), family: .ipv4) },
            stages: stages, l3fwdCyclesPerPacket: l3fwd.isEmpty ? nil : l3fwd, limitCycles: limit, aimCycles: aim)
    }
}
