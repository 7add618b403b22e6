import Addressing
import ControlPlane
import ControlProtocol
import ForwardingTables
import SeededRandom
import Testing

/// Tables that are too small for what is configured.
@Suite struct FullTablesTests {
    private typealias Text = LaboratoryConfiguration

    private static var smallMemory: TableCapacities {
        var capacities = TableCapacities()
        capacities.fibArenaBytes = 64 << 10
        return capacities
    }

    /// Static routes that have little in common, so that each takes memory of its own.
    private static func routes(_ count: Int, vrf: String, seed: UInt64) -> String {
        var generator = SeededGenerator(seed: seed)
        var prefixes: Set<UInt32> = []
        while prefixes.count < count {
            prefixes.insert(UInt32.random(in: 11 << 16..<200 << 16, using: &generator) << 8)
        }
        return prefixes.sorted().map { "ip route vrf \(vrf) \(IPv4Address(rawValue: $0))/24 Null0\n" }.joined()
    }

    private func vrf(_ name: String, of laboratory: Laboratory) async throws -> VRFStatus {
        let result = try await laboratory.ask(ShowVRFs())
        return try #require(result.vrfs.first { $0.name == name })
    }

    private func alarms(of laboratory: Laboratory) async throws -> [Alarm] {
        let result = try await laboratory.ask(ShowStatus())
        return result.alarms
    }

    private func routes(of vrf: String, _ laboratory: Laboratory) async throws -> [VRFRoute] {
        let query = ShowRoutes(vrf: vrf, page: Page(limit: 10_000))
        let result = try await laboratory.ask(query)
        return result.routes
    }

    @Test func `a VRF that fills the memory leaves the others their part`() async throws {
        let laboratory = try Laboratory(capacities: Self.smallMemory)
        let full = Text.first + Self.routes(4_000, vrf: "one", seed: 1)
        try await laboratory.start(full)
        let one = try await vrf("one", of: laboratory)
        #expect(one.waitingRoutes > 100)
        #expect(one.reservedRouteMemoryBytes > 10 << 10)
        #expect(one.routeMemoryBytes > one.reservedRouteMemoryBytes)

        // Who comes last gets what is his.
        try await laboratory.replace(full + Self.routes(300, vrf: "two", seed: 2))
        #expect(try await vrf("two", of: laboratory).waitingRoutes == 0)
        #expect(try await routes(of: "two", laboratory).allSatisfy { $0.isInstalled })

        // What is shown is what the tables do.
        let shown = try await routes(of: "one", laboratory)
        let reader = try laboratory.tables().reader
        let root = reader.ipv4Root(ofVRF: UInt16(one.number))
        for route in shown where route.prefix.length == 24 && route.source == .staticRoute {
            guard case .ipv4(let address) = route.prefix.address else { continue }
            #expect((reader.fib.lookup(ipv4: address.rawValue, root: root) != 0) == route.isInstalled)
        }
        #expect(shown.count { !$0.isInstalled } == one.waitingRoutes)
        try await laboratory.eventually("the alarm is there") {
            let alarm = try await alarms(of: laboratory).first { $0.kind == .routesWithoutRoom }
            return alarm?.count == one.waitingRoutes && alarm?.subjects == ["one"]
        }
        await laboratory.stop()
    }

    @Test func `what one VRF gives up the routes of another get that wait`() async throws {
        let laboratory = try Laboratory(capacities: Self.smallMemory)
        let many = Self.routes(900, vrf: "two", seed: 4)
        try await laboratory.start(Text.first + Self.routes(4_000, vrf: "one", seed: 3))
        try await laboratory.replace(Text.first + Self.routes(4_000, vrf: "one", seed: 3) + many)
        #expect(try await vrf("two", of: laboratory).waitingRoutes > 0)
        try await laboratory.eventually("the alarm is there") {
            try await alarms(of: laboratory).contains { $0.subjects == ["one", "two"] }
        }
        try await laboratory.replace(Text.first + many)
        try await laboratory.eventually("all are placed, and the alarm is over") {
            let waiting = try await vrf("two", of: laboratory).waitingRoutes
            let standing = try await alarms(of: laboratory)
            return waiting == 0 && standing.isEmpty
        }
        #expect(try await routes(of: "two", laboratory).allSatisfy { $0.isInstalled })
        await laboratory.stop()
    }

    @Test func `a reservation is kept even from who came first`() async throws {
        var capacities = TableCapacities()
        capacities.fibArenaBytes = 1 << 20
        let laboratory = try Laboratory(capacities: capacities)
        // More than there is: all of it is two's.
        let text = Text.first.replacing("ip vrf two\n", with: "ip vrf two\n memory reserve 2\n")
        try await laboratory.start(text + Self.routes(100, vrf: "one", seed: 5))
        #expect(try await vrf("one", of: laboratory).waitingRoutes > 0)
        #expect(try await vrf("one", of: laboratory).reservedRouteMemoryBytes == 0)
        try await laboratory.replace(text + Self.routes(2_000, vrf: "two", seed: 6))
        #expect(try await vrf("two", of: laboratory).waitingRoutes == 0)
        await laboratory.stop()
    }

    @Test func `a VRF near to its maximum is an alarm`() async throws {
        let laboratory = try Laboratory()
        func text(_ limit: String) -> String {
            Text.first.replacing("ip vrf one\n", with: "ip vrf one\n maximum routes \(limit)\n")
                + Self.routes(50, vrf: "one", seed: 7)
        }
        try await laboratory.start(text("100"))
        try await laboratory.eventually("no alarm") { try await alarms(of: laboratory).isEmpty }
        try await laboratory.replace(text("100 50"))
        try await laboratory.eventually("an alarm") {
            try await alarms(of: laboratory).map(\.kind) == [.maximumRoutesNear]
        }
        var shown = try await vrf("one", of: laboratory)
        #expect(shown.maximumRoutes == 100 && shown.maximumRoutesState == .near)
        let counted = try #require(shown.countedRoutes)
        #expect((51...60).contains(counted))
        #expect(try await vrf("two", of: laboratory).maximumRoutesState == nil)
        try await laboratory.replace(text("40 warning-only"))
        #expect(try await vrf("one", of: laboratory).maximumRoutesState == .exceeded)
        try await laboratory.replace(text("1000"))
        shown = try await vrf("one", of: laboratory)
        #expect(shown.maximumRoutesState == .within && shown.countedRoutes == counted)
        try await laboratory.eventually("over") { try await alarms(of: laboratory).isEmpty }
        await laboratory.stop()
    }

    /// Whatever did not fit on the way: with room at the end, the box is like a fresh one.
    @Test(arguments: UInt64(1)...4)
    func `with room again all is there`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        var capacities = TableCapacities()
        capacities.fibArenaBytes = 4096 << Int.random(in: 0...2, using: &generator)
        capacities.interfaces = Int.random(in: 10...16, using: &generator)
        capacities.nextHops = Int.random(in: 16...40, using: &generator)
        capacities.adjacencies = Int.random(in: 16...40, using: &generator)
        capacities.localServices = Int.random(in: 8...20, using: &generator)
        capacities.vlanMaps = 65
        capacities.labelEntries = 1 << 21
        let changed = try Laboratory(capacities: capacities)
        try await changed.start(RandomBox.text(&generator))
        for step in 1...6 {
            try await changed.replace(RandomBox.text(&generator))
            let isolation = try await changed.content()
            #expect(isolation.violations == 0, "seed \(seed), step \(step)")
        }
        let last = """
            \(Text.ports)
            ip vrf one
             rd 42:1
             route-target both 42:1
            interface ten1/1
             vrf definition one
             ip address 10.1.0.1/24

            """
        try await changed.replace(last)
        let fresh = try Laboratory(capacities: capacities)
        try await fresh.start(last)
        let expected = try await fresh.content()
        #expect(expected.routes.allSatisfy { !$0.hasSuffix("no room") })
        try await changed.eventually("seed \(seed): like a fresh box") { try await changed.content() == expected }
        try await changed.eventually("seed \(seed): no alarm") { try await alarms(of: changed).isEmpty }
        await fresh.stop()
        await changed.stop()
    }
}
