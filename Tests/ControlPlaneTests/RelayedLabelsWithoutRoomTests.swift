import Addressing
import BGP
import ControlPlane
import ControlProtocol
import ForwardingTables
import Routing
import Testing

/// The labels of relays where the tables have no room for a time, or what they need is away for one.
@Suite struct RelayedLabelsWithoutRoomTests {
    private typealias Relay = RelayedLabelTests

    private static let perPrefix = "router bgp 42\n address-family vpnv4\n  neighbor 10.0.0.9 label mode per-prefix\n"
    private static let second = """
        router bgp 42
         neighbor 192.0.2.3 remote-as 65002
         address-family vpnv4
          neighbor 192.0.2.3 optB
          neighbor 192.0.2.3 route-target import 65002:7

        """
    /// Labels of two ranges are in different blocks of a table, so that it grows with the first of the other one.
    private static let text = "mpls label range 2048 3071\n" + Relay.text
    private static let other = "mpls label range 5120 6143\n" + Relay.text

    private static func withdraw(_ place: String, in laboratory: Laboratory) async throws {
        let route = try Relay.prefix("65001:107", place)
        await (try #require(laboratory.plane)).handle(
            .update(neighbor: Relay.asbr, Update(withdrawing: [.vpn(route)])))
    }

    private func egressLabels(of laboratory: Laboratory) async throws -> [UInt32] {
        try await laboratory.ask(ShowIsolation()).swaps.compactMap(\.egressLabel?.rawValue).sorted()
    }

    private func hasRefusedLabels(_ laboratory: Laboratory) async throws -> Bool {
        try await laboratory.ask(ShowStatus()).alarms.contains { $0.kind == .labelsWithoutRoom }
    }

    /// The end of the labels that a port's interface has entries for.
    private func tableEnd(port: UInt16, of laboratory: Laboratory) throws -> UInt32 {
        let reader = try laboratory.tables().reader
        let interface = reader.interfaces[Int(reader.interface(untaggedOn: port))]
        return interface.label_base + interface.label_count
    }

    private func entry(_ label: MPLSLabel, port: UInt16, in laboratory: Laboratory) throws -> (UInt32, UInt32) {
        let found = try #require(try Relay().entry(label, port: port, in: laboratory))
        return (found.swap.nextHop, found.nextHop.isSwap ? found.nextHop.label : 0)
    }

    @Test func `a label without room for its new way does not come back to the old one`() async throws {
        var capacities = TableCapacities()
        capacities.nextHops = 12
        let laboratory = try Laboratory(capacities: capacities)
        try await laboratory.start(Self.text + Self.perPrefix)
        try await Relay.ofNNI(600, in: laboratory)
        let label = try await Relay.given(600, at: "core", in: laboratory)
        try await Relay.ofNNI(602, "198.51.101.0/24", in: laboratory)
        _ = try await Relay.given(602, at: "core", in: laboratory)
        var fillers: [String] = []
        while try await !hasRefusedLabels(laboratory), fillers.count < 20 {
            let egress = UInt32(1000 + fillers.count)
            fillers.append("203.0.\(fillers.count).0/24")
            try await Relay.ofNNI(egress, #require(fillers.last), in: laboratory)
            try await laboratory.eventually("the label is there or refused") {
                let labels = try await egressLabels(of: laboratory)
                let isRefused = try await hasRefusedLabels(laboratory)
                return labels.contains(egress) || isRefused
            }
        }
        #expect(try await hasRefusedLabels(laboratory))

        try await Relay.ofNNI(601, in: laboratory)
        var (nextHop, egress) = try entry(label, port: 3, in: laboratory)
        #expect(nextHop == 0 || egress == 601)
        // A label for which there is room, since it leads where another does: the table grows.
        try await laboratory.replace(Self.other + Self.perPrefix, sessions: false)
        try await Relay.ofNNI(602, "198.51.102.0/24", in: laboratory)
        try await laboratory.eventually("both labels are there") {
            try await egressLabels(of: laboratory).count { $0 == 602 } == 2
        }
        #expect(try tableEnd(port: 3, of: laboratory) > 5120)
        (nextHop, egress) = try entry(label, port: 3, in: laboratory)
        #expect(nextHop == 0 || egress == 601)

        for place in fillers { try await Self.withdraw(place, in: laboratory) }
        #expect(try await Relay.given(601, at: "core", in: laboratory) == label)
        try await laboratory.eventually("the alarm is over") { try await !hasRefusedLabels(laboratory) }
        await laboratory.stop()
    }

    @Test func `a label whose sender cannot be checked is nobody's, also in a larger table`() async throws {
        var capacities = TableCapacities()
        capacities.sourceSets = 1
        let (laboratory, dataplane) = try await Relay.laboratory(Self.text, capacities: capacities)
        defer { withExtendedLifetime(dataplane) {} }
        try await Relay.ofCore(500, in: laboratory)
        let label = try await Relay.given(500, at: "ten1/0", in: laboratory)
        try await laboratory.replace(Self.text + Self.second)
        #expect(try entry(label, port: 0, in: laboratory) == (0, 0))
        try await laboratory.replace(Self.other + Self.second)
        try await Relay.ofCore(501, "203.0.114.0/24", in: laboratory)
        try await laboratory.eventually("the table has grown") {
            try tableEnd(port: 0, of: laboratory) > 5120
        }
        #expect(try entry(label, port: 0, in: laboratory) == (0, 0))
        try await laboratory.replace(Self.other)
        #expect(try entry(label, port: 0, in: laboratory).1 == 500)
        await laboratory.stop()
    }

    @Test func `what was withdrawn is told from what was never given in a larger table, too`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        try await Relay.ofNNI(600, in: laboratory)
        try await Relay.ofNNI(603, "198.51.103.0/24", in: laboratory)
        let label = try await Relay.given(600, at: "core", in: laboratory)
        let withdrawn = try await Relay.given(603, at: "core", in: laboratory)
        try await Self.withdraw("198.51.103.0/24", in: laboratory)
        #expect(try entry(withdrawn, port: 3, in: laboratory) == (0, 0))
        try await laboratory.replace(Self.other)
        try await Relay.ofNNI(604, "198.51.104.0/24", in: laboratory)
        _ = try await Relay.given(604, at: "core", in: laboratory)
        #expect(try tableEnd(port: 3, of: laboratory) > 5120)
        #expect(try entry(withdrawn, port: 3, in: laboratory) == (0, 0))
        #expect(try entry(label, port: 3, in: laboratory).1 == 600)
        await laboratory.stop()
    }

    /// With 5 the NNI's record that names a label table takes the last place, until the one before it is given back.
    @Test(arguments: 5...7)
    func `the record that swaps leave by is made when there is room`(interfaces: Int) async throws {
        var capacities = TableCapacities()
        capacities.interfaces = interfaces
        let (laboratory, dataplane) = try await Relay.laboratory(Self.text, capacities: capacities)
        defer { withExtendedLifetime(dataplane) {} }
        try await Relay.ofCore(500, in: laboratory)
        let label = try await Relay.given(500, at: "ten1/0", in: laboratory)
        #expect(try entry(label, port: 0, in: laboratory).1 == 500)
        await laboratory.stop()
    }

    @Test func `the port's MTU alone bounds what swaps send`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        try await Relay.ofNNI(600, in: laboratory)
        let label = try await Relay.given(600, at: "core", in: laboratory)
        func mtu() throws -> UInt16 {
            let nextHop = try #require(try Relay().entry(label, port: 3, in: laboratory)).nextHop
            return try laboratory.tables().reader.interfaces[Int(nextHop.interface)].mtu
        }
        #expect(try mtu() == 1500)
        let small = Self.text.replacing(" device net_null0\n", with: " device net_null0\n mtu 1500\n")
        try await laboratory.replace(small, sessions: false)
        #expect(try mtu() == 1496)
        await laboratory.stop()
    }
}
