import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

/// Labels of VRFs that lead by a next hop, where the tables have no room for another one for a time.
@Suite struct VRFLabelsWithoutRoomTests {
    private static let prefix = "10.60.0.0/16"

    private static func text(by nextHop: String, fillers: Int) -> String {
        let ports = [1, 3].map { "port ten1/\($0)\n device net_null\($0)\n mac-address 02:00:00:00:00:1\($0)\n" }
            .joined()
        let routes = (0..<fillers).map { "ip route vrf red 10.70.\($0).0/24 10.1.0.\(100 + $0)\n" }.joined()
        return ports + """
            ip vrf red
             rd 42:1
             route-target both 42:1
             label mode per-prefix
            interface ten1/1
             vrf definition red
             ip address 10.1.0.1/24
            interface ten1/3
             encap mpls core
             ip address 10.98.0.2/24
            ip route vrf red \(prefix) \(nextHop)
            \(routes)router bgp 42
             neighbor 10.98.0.1 remote-as 42
             address-family vpnv4
              neighbor 10.98.0.1 activate
             address-family ipv4 vrf red
              redistribute static

            """
    }

    private func label(in laboratory: Laboratory) async throws -> MPLSLabel? {
        try await laboratory.ask(ShowLabels()).labels.first { $0.subject == Self.prefix }?.label
    }

    private func entry(_ label: MPLSLabel, in laboratory: Laboratory) throws -> stile_label_entry {
        let reader = try laboratory.tables().reader
        return reader.labelEntry(label.rawValue, on: reader.interfaces + Int(reader.interface(untaggedOn: 1)))
    }

    private func hasRefusedLabels(_ laboratory: Laboratory) async throws -> Bool {
        try await laboratory.ask(ShowStatus()).alarms.contains { $0.kind == .labelsWithoutRoom }
    }

    @Test func `packets by a label without room for its new way are looked up until there is`() async throws {
        var capacities = TableCapacities()
        capacities.nextHops = 12
        let laboratory = try Laboratory(capacities: capacities)
        try await laboratory.start(Self.text(by: "10.1.0.2", fillers: 0))
        try await laboratory.eventually("the prefix has a label") { try await label(in: laboratory) != nil }
        let told = try #require(try await label(in: laboratory))
        #expect(PopEntry(try entry(told, in: laboratory)) != nil)

        try await laboratory.replace(Self.text(by: "10.1.0.2", fillers: 20), sessions: false)
        #expect(PopEntry(try entry(told, in: laboratory)) != nil)
        try await laboratory.replace(Self.text(by: "10.1.0.3", fillers: 20), sessions: false)
        try await laboratory.eventually("there is no room for the label's way") {
            try await hasRefusedLabels(laboratory)
        }
        let looked = try entry(told, in: laboratory)
        #expect(PopEntry(looked) == nil && UInt32(looked.flags) & STILE_FLAG_VALID.rawValue != 0)
        #expect(try await laboratory.ask(ShowIsolation()).isIsolated)

        try await laboratory.replace(Self.text(by: "10.1.0.3", fillers: 0), sessions: false)
        try await laboratory.eventually("it leads by its next hop") {
            try PopEntry(entry(told, in: laboratory)) != nil
        }
        #expect(try await label(in: laboratory) == told)
        try await laboratory.eventually("the alarm is over") { try await !hasRefusedLabels(laboratory) }
        await laboratory.stop()
    }
}
