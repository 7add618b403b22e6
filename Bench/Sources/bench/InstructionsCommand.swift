import Addressing
import Pipeline

/// `bench instructions`: a small, deterministic run of each path for a simulator that counts instructions
/// (`Bench/check-instructions`). Every packet is forwarded.
struct InstructionsCommand {
    let options: Options
    /// With services one customer, whose packets follow each other.
    private var vrfs: Int { options.hasServices ? 1 : 8 }
    private static let routes = 200
    private static let bursts = 64

    func run() throws {
        var generator = SeededGenerator(seed: 1)
        let family = options.family == "ipv6" ? AddressFamily.ipv6 : .ipv4
        let plan = PortPlan(firstVLAN: 1, serviceVLAN: options.hasServiceTag ? 100 : nil, family: family)
        let hops = options.hasServices ? 2 : 1
        let box = try Box(
            plan: plan, vrfs: vrfs, nextHopsPerVRF: hops, hugepageDirectory: nil, hasServices: options.hasServices)
        var routes: [[Route]] = []
        var backRoutes: [[Route]] = []
        for vrf in 1...vrfs {
            routes.append(
                RandomRoutes.make(
                    family: family, count: Self.routes, nextHops: 1,
                    firstOctets: options.hasServices ? PipelineCommand.destinationOctets : 1...223, using: &generator))
            try box.add(routes[vrf - 1], vrf: vrf)
            guard options.hasServices else { continue }
            backRoutes.append(
                RandomRoutes.make(
                    family: .ipv4, count: Self.routes / 2, nextHops: 1, firstOctets: PipelineCommand.sourceOctets,
                    using: &generator
                ).map { Route(prefix: $0.prefix, nextHop: hops - 1) })
            try box.add(backRoutes[vrf - 1], vrf: vrf)
        }
        let pool = FramePool()
        let builder = FrameBuilder(plan: plan)
        let path = options.only.flatMap { Path(rawValue: $0) } ?? .nniToNNI
        try box.lead(by: path)
        let store = FrameStore(count: FramePool.batch, bytes: FramePool.batch * FrameBuilder.mostBytes)
        for number in 0..<FramePool.batch {
            let vrf = 1 + number % vrfs
            let route = routes[vrf - 1][generator.below(Self.routes)]
            let source =
                options.hasServices
                ? RandomRoutes.address(
                    inside: backRoutes[vrf - 1][generator.below(Self.routes / 2)].prefix, using: &generator) : nil
            store.append(
                builder.frame(
                    from: source, to: RandomRoutes.address(inside: route.prefix, using: &generator), vrf: vrf,
                    labelled: path.isLabelledAtIngress,
                    under: path == .context ? box.contextLabel : nil, using: &generator))
        }
        let counterCount = PortPlan.counterCount(vrfs: vrfs)
        let port = path.ingressPort
        let swift = SwiftSide(tables: box.reader, counterCount: counterCount)
        guard let reference = ReferenceSide(tables: box.reader, counterCount: counterCount) else {
            throw PipelineMeasurement.Failure.noMemory
        }
        var others = 0
        for burst in 0..<Self.bursts {
            let offset = burst * Burst.capacity % FramePool.batch
            if offset == 0 { pool.receive(from: store, first: 0) }
            swift.take(from: pool, first: offset, store: store, storeFirst: offset, port: port)
            _ = swift.process()
            others += swift.departures().others
        }
        for burst in 0..<Self.bursts {
            let offset = burst * Burst.capacity % FramePool.batch
            if offset == 0 { pool.receive(from: store, first: 0) }
            reference.take(from: pool, first: offset, store: store, storeFirst: offset, port: port)
            _ = reference.process()
            others += reference.departures().others
        }
        print("packets \(Self.bursts * Burst.capacity) of each side, not forwarded \(others)")
    }
}
