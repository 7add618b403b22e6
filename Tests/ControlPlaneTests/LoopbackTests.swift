import Addressing
import CTableLayout
import ControlProtocol
import PacketFormats
import Testing

/// A VRF's own addresses on no link: they answer, are routed, and are where errors come from, also in a VRF that has no
/// circuit (RFC 4443 §2.2).
@Suite struct LoopbackTests {
    /// VRF two has no circuit any more.
    private static let text = LaboratoryConfiguration.first.replacing(
        "interface ten1/2.30\n encapsulation dot1q 30\n vrf definition two\n ip address 10.1.0.1/24\n", with: ""
    ).replacing(" rd 42:2\n", with: " rd 42:2\n loopback 192.0.2.77\n loopback 2001:db8:ffff::77\n")
    private static let own = IPv6Address("2001:db8:ffff::77")!

    @Test func aVRFWithoutCircuitsHasAnAddress() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let dataplane = try await laboratory.dataplane()
        let vrfs = try await laboratory.ask(ShowVRFs())
        let two = UInt16(try #require(vrfs.vrfs.first { $0.name == "two" }?.number))
        let reader = try laboratory.tables().reader
        let unit = try #require(
            (0..<Int(reader.header.pointee.interfaces.count)).map { reader.interfaces[$0] }.first {
                $0.kind == UInt8(STILE_INTERFACE_UNIT.rawValue) && $0.vrf == two
            })
        #expect(withUnsafeBytes(of: unit.icmp_source_ipv6) { Array($0) } == Self.own.octets)
        #expect(unit.icmp_source_ipv4 == IPv4Address("192.0.2.77")?.rawValue)
        // It is the box's own in the VRF, and answers there.
        let nextHop = reader.fib.lookup(ipv6: Self.own.rawValue, root: reader.ipv6Root(ofVRF: two))
        #expect(reader.nextHop(nextHop) == .receive(vrf: two))
        let source = IPv6Address("2001:db8:9::7")!
        dataplane.punt(
            STILE_PUNT_RECEIVE, counter: unit.counter, vrf: two, isFrame: false,
            ICMPv6Message.packet(from: source, to: Self.own, hopLimit: 64, message: [128, 0, 0, 0, 0, 1, 0, 2]))
        var answers: [FakeDataplane.Injected] = []
        try await laboratory.eventually("an echo reply") {
            answers += dataplane.takeInjected().filter { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) }
            return !answers.isEmpty
        }
        #expect(answers.map { Array($0.data[8..<40]) } == [Self.own.octets + source.octets])
        let routes = try await laboratory.ask(ShowRoutes(vrf: "two"))
        #expect(
            Set(routes.routes.filter { $0.source == .local }.map(\.prefix.description)) == [
                "192.0.2.77/32", "2001:db8:ffff::77/128",
            ])
        await laboratory.stop()
    }

    /// A circuit's own addresses come first there; a unit's errors are the loopback's.
    @Test func errorsComeFromTheNearestAddress() async throws {
        let laboratory = try Laboratory()
        let text = LaboratoryConfiguration.first.replacing(
            " rd 42:2\n", with: " rd 42:2\n loopback 2001:db8:ffff::77\n"
        ).replacing(" rd 42:1\n", with: " rd 42:1\n loopback 192.0.2.78\n loopback 2001:db8:ffff::78\n")
        try await laboratory.start(text)
        let reader = try laboratory.tables().reader
        func sources(_ index: UInt32) -> [[UInt8]] {
            let record = reader.interfaces[Int(index)]
            return [
                IPv4Address(rawValue: record.icmp_source_ipv4).octets,
                withUnsafeBytes(of: record.icmp_source_ipv6) { Array($0) },
            ]
        }
        // VRF one's circuit has both families, VRF two's IPv4 only.
        #expect(
            sources(reader.interface(untaggedOn: 1)) == [[10, 1, 0, 1], IPv6Address("2001:db8:1::1")!.octets])
        #expect(sources(reader.interface(port: 2, vid: 30)) == [[10, 1, 0, 1], Self.own.octets])
        let units = try laboratory.services().labelEntries(port: 0)
        let one = try #require(units.first { $0.vrf == reader.interfaces[Int(reader.interface(untaggedOn: 1))].vrf })
        #expect(
            sources(UInt32(one.interface)) == [[192, 0, 2, 78], IPv6Address("2001:db8:ffff::78")!.octets])
        await laboratory.stop()
    }
}
