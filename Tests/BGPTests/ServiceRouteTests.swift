import Addressing
import BGP
import Testing

/// What relays change in MVPN and EVPN routes, by the diagrams of the RFCs.
@Suite struct ServiceRouteTests {
    private static let head = "0000002a00000001" + "00112233445566778899" + "00000007"

    /// Label 0x12345 in the place of each, the low four bits of the fields as they were.
    @Test(arguments: [
        // RFC 7432 §7.1, §7.2 (with one label and with two) and RFC 9136 §3.1.
        (EVPNRoute.Kind.ethernetAutoDiscovery, head, "003e91", "123451"),
        (.macIPAdvertisement, head + "30aabbccddeeff00", "003e90", "123450"),
        (.macIPAdvertisement, head + "30aabbccddeeff00", "003e90003ea1", "123450123461"),
        (.ipPrefix, head + "180a01020000000000", "003e91", "123451"),
    ])
    func `labels take the places of those that were there`(
        kind: EVPNRoute.Kind, front: String, before: String, after: String
    ) throws {
        let (route, attributes) = try #require(EVPNRoute.reading(kind, octets(front + before)[...]))
        let labels = [0x12345, 0x12346].compactMap { MPLSLabel(rawValue: $0) }
        var changed = PathAttributes(nextHop: BGPNextHop(.ipv4(IPv4Address(10, 0, 0, 1))))
        changed.evpn = route.attributes(try #require(attributes), withLabels: labels)
        let context = UpdateContext(fourOctetAutonomousSystems: true, isExternal: true, families: [.evpn])
        let update = Update(announcing: [AnnouncedRoute(route)], attributes: changed)
        let message = try #require(try UpdateEncoder(context: context).messages(for: update).first)
        let wanted = octets(front + after)
        #expect(contains(message, [kind.rawValue, UInt8(wanted.count)] + wanted))
    }

    @Test func `a tunnel ends elsewhere under another label, and asks leaves as before`() throws {
        // RFC 6514 §5 and RFC 7902 §3: leaf information required, and flags that go on in a community.
        let tunnel = PMSITunnel(
            flags: [.leafInformationRequired, .extended], typeCode: 6, labelField: 0x003e91, identifier: [10, 0, 0, 7])
        let ended = tunnel.ending(at: .ipv4(IPv4Address(192, 0, 2, 1)), label: MPLSLabel(rawValue: 0x12345))
        #expect(ended.flags == .leafInformationRequired && ended.typeCode == 6)
        #expect(ended.labelField == 0x123451 && ended.identifier == [192, 0, 2, 1])
        #expect(tunnel.ending(at: .ipv4(IPv4Address(192, 0, 2, 1)), label: nil).labelField == 0x003e91)
    }

    @Test func `a target names a router by its address`() {
        // RFC 4360 §3.2 and §4: type 0x01, sub-type 0x02.
        #expect(ExtendedCommunity(naming: IPv4Address(10, 0, 0, 7), number: 5).rawValue == 0x0102_0a00_0007_0005)
        #expect(ExtendedCommunity(naming: IPv4Address(10, 0, 0, 7)).description == "rt 10.0.0.7:0")
    }

    @Test func `VPN routes keep what joins go by where MVPN routes are exchanged`() {
        var contents = PathAttributes.Contents()
        // Source AS of two and four octets (RFC 6514 §6), VRF Route Import (§7), and a color (RFC 9012 §4.3).
        let all: [UInt64] = [
            0x0009_002a_0000_0000, 0x0209_0000_002a_0000, 0x010b_0a00_0007_0005, 0x030b_0000_0000_0001,
        ]
        contents.extendedCommunities = all.map { ExtendedCommunity(rawValue: $0) }
        var other = contents
        AttributePolicy(passesMulticastVPN: true).clean(&contents)
        #expect(contents.extendedCommunities.map(\.rawValue) == all.dropLast())
        AttributePolicy().clean(&other)
        #expect(other.extendedCommunities.isEmpty)
    }

    private func contains(_ octets: [UInt8], _ part: [UInt8]) -> Bool {
        octets.indices.contains { octets[$0...].starts(with: part) }
    }
}
