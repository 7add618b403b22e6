import Addressing
import Configuration
import ControlPlane
import ControlProtocol
import Foundation
import NIOPosix
import Testing

/// Two control processes that speak BGP over the kernel's TCP by no device of their own: the addresses of both are the
/// machine's, on one TUN device of the test's, so that the connection stays inside it. Making that needs CAP_NET_ADMIN.
@Suite(.serialized, .enabled(if: geteuid() == 0 && access("/dev/net/tun", R_OK | W_OK) == 0))
struct TwoControlPlanesTests {
    private static func text(asn: UInt32, own: String, peer: String, peerASN: UInt32, customer: String) -> String {
        """
        port ten1/0
         device net_null0
         mac-address 02:00:00:00:01:10
        port ten1/1
         device net_null1
         mac-address 02:00:00:00:01:11
        ip vrf one
         rd \(asn):1
         route-target both 42:1
         optE
        ip vrf secret
         rd \(asn):9
         route-target both 42:1
        interface ten1/0
         encap mpls optE
         ip address \(own)/31
        interface ten1/1
         vrf definition one
         ip address \(customer)/24
        router bgp \(asn)
         neighbor \(peer) remote-as \(peerASN)
         neighbor \(peer) timers 3 9
         address-family vpnv4
          neighbor \(peer) optE
         address-family ipv4 vrf one
          redistribute connected
        """
    }

    private static func start(_ text: String, listens: Bool, in directory: String) async throws
        -> ControlPlane
    {
        var options = ControlPlaneOptions(runtimeDirectory: directory + "/run", stateDirectory: directory + "/state")
        options.tunName = nil
        options.bgpPort = 17_909
        options.listenAddresses = listens ? [.ipv4(IPv4Address(rawValue: 0))] : []
        let start = try StartConfiguration(text: text, fileName: "two.conf")
        let plane = try ControlPlane(
            options: options, configuration: start, group: MultiThreadedEventLoopGroup.singleton)
        try await plane.start()
        return plane
    }

    @Test func eachImportsTheOthersRoutesIntoTheEligibleVRFOnly() async throws {
        let directory = NSTemporaryDirectory() + "stile-two-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let machine = try TUNDevice(name: "stilet0", mtu: 1500)
        let addresses = try ["198.18.77.0/31", "198.18.77.1/31"].map { try #require(InterfaceAddress($0)) }
        #expect(machine.setAddresses(Set(addresses)).isEmpty)
        let near = try await Self.start(
            Self.text(asn: 42, own: "198.18.77.0", peer: "198.18.77.1", peerASN: 65_001, customer: "10.1.0.1"),
            listens: true, in: directory + "/near")
        // The far one only connects: one port cannot be listened on twice.
        let far = try await Self.start(
            Self.text(asn: 65_001, own: "198.18.77.1", peer: "198.18.77.0", peerASN: 42, customer: "10.2.0.1"),
            listens: false, in: directory + "/far")
        var routes: [VRFRoute] = []
        for _ in 0..<1000 where !routes.contains(where: { $0.source == .bgp }) {
            try await Task.sleep(for: .milliseconds(10))
            guard let result = try? await near.ask(ShowRoutes()) else { continue }
            routes = result.routes
        }
        let imported = try #require(routes.first { $0.source == .bgp })
        #expect(imported.vrf == "one")
        #expect(imported.prefix == IPPrefix("10.2.0.0/24"))
        #expect(imported.nextHops.first?.interface == "ten1/0 vrf one")
        // The label is the one that the far end has in its tables.
        let labels = try await far.ask(ShowLabels())
        #expect(labels.labels.map(\.label) == [imported.nextHops.first?.label])
        #expect(!routes.contains { $0.vrf == "secret" })
        await far.stop()
        await near.stop()
        withExtendedLifetime(machine) {}
    }
}
