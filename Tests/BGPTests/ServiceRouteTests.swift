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

    @Test func `a field without a label of ours is zero`() throws {
        let front = Self.head + "30aabbccddeeff00"
        let (route, attributes) = try #require(
            EVPNRoute.reading(.macIPAdvertisement, octets(front + "003e91" + "003ea1")[...]))
        let none = route.attributes(try #require(attributes), withLabels: [])
        #expect(route.labelFields(in: none) == [0, 0])
        let one = route.attributes(try #require(attributes), withLabels: [try #require(MPLSLabel(rawValue: 0x12345))])
        #expect(route.labelFields(in: one) == [0x123451, 0])
    }

    @Test func `a tunnel ends elsewhere under another label, and asks leaves as before`() throws {
        // RFC 6514 §5 and RFC 7902 §3: leaf information required, and flags that go on in a community.
        let tunnel = PMSITunnel(
            flags: [.leafInformationRequired, .extended], typeCode: 6, labelField: 0x003e91, identifier: [10, 0, 0, 7])
        let ended = tunnel.ending(at: .ipv4(IPv4Address(192, 0, 2, 1)), label: MPLSLabel(rawValue: 0x12345))
        #expect(ended.flags == .leafInformationRequired && ended.typeCode == 6)
        #expect(ended.labelField == 0x123451 && ended.identifier == [192, 0, 2, 1])
        // What nobody here gave does not go on.
        #expect(tunnel.ending(at: .ipv4(IPv4Address(192, 0, 2, 1)), label: nil).labelField == 0)
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
        var (other, exported) = (contents, contents)
        AttributePolicy(passesMulticastVPN: true).clean(&contents)
        #expect(contents.extendedCommunities.map(\.rawValue) == all.dropLast())
        AttributePolicy().clean(&other)
        #expect(other.extendedCommunities.isEmpty)
        // RFC 6514 §7: of a VRF that exports the route anew it would be another's.
        AttributePolicy(passesMulticastVPN: true).clean(&exported, asExporter: true)
        #expect(exported.extendedCommunities.isEmpty)
    }

    @Test(
        arguments: [
            // MAC mobility (RFC 7432 §7.7): a flags octet, a reserved one, and the number: static, and the highest of all.
            (0x0600_0100_0000_0005, true, 0x0600_0000_0000_0005), (0x0600_0000_ffff_ffff, true, 0x0600_0000_7fff_ffff),
            (0x0600_0100_ffff_ffff, false, 0x0600_0100_ffff_ffff),
            // ESI Label (§7.5): flags, two reserved octets, label 1001.
            (0x0601_0100_0000_3e91, true, 0x0601_0100_0000_0000), (0x0601_0000_0000_3e91, false, 0x0601_0000_0000_0000),
            // Layer 2 attributes (RFC 8214 §3.1), multicast flags (RFC 9251 §9.4).
            (0x0604_0002_05dc_0000, true, 0x0604_0002_05dc_0000), (0x0609_0003_0000_0000, true, 0x0609_0003_0000_0000),
            // ES-Import, a router's MAC address, E-Tree, default gateway, encapsulation.
            (0x0602_0011_2233_4455, false, nil), (0x0603_0011_2233_4455, false, nil),
            (0x0605_0100_0000_0000, false, nil),
            (0x030d_0000_0000_0000, false, nil), (0x030c_0000_0000_0008, false, nil),
        ] as [(UInt64, Bool, UInt64?)])
    func `of EVPN's communities those cross a border that mean the same there`(
        community: UInt64, isForeign: Bool, expected: UInt64?
    ) {
        #expect(ExtendedCommunity(rawValue: community).overBorder(isForeign: isForeign)?.rawValue == expected)
    }

    /// Tunnels of RFC 9012 §2 (type, length, value) and TLVs of RFC 8669 §3 (type, length of two octets, value), by the diagrams.
    @Test(
        arguments: [
            // MPLS (10) and MPLS in UDP (13) with an empty sub-TLV.
            (23, "000a0000", false), (23, "000d0002ff00", false),
            // VXLAN (8) behind MPLS, GENEVE (19), and what cannot be read.
            (23, "000a000000080000", true), (23, "00130000", true), (23, "000a00", true), (23, "000a0005", true),
            // Label-index (1) of 7 octets, and an SRv6 L3 (5) and L2 service (6, RFC 9252 §2) without sub-TLVs.
            (40, "010007" + "00000000000001", false), (40, "05000100", true), (40, "06000100", true),
            (40, "0100", true),
            // What is another attribute's.
            (99, "00080000", false),
        ] as [(UInt8, String, Bool)])
    func `an attribute may say that label fields have no labels`(type: UInt8, value: String, expected: Bool) {
        var attributes = PathAttributes()
        attributes.unrecognized = [UnrecognizedAttribute(typeCode: type, partial: false, value: octets(value))]
        #expect(attributes.hasOtherThanLabels == expected)
    }

    @Test func `packets follow a prefix, and a host behind two labels`() throws {
        func destination(_ kind: EVPNRoute.Kind, _ text: String) throws -> IPPrefix? {
            let (route, attributes) = try #require(EVPNRoute.reading(kind, octets(Self.head + text)[...]))
            return route.destination(attributes)
        }
        let mac = "30aabbccddeeff"
        #expect(try destination(.ipPrefix, "18" + "0a010200" + "00000000" + "003e91") == IPPrefix("10.1.2.0/24"))
        #expect(
            try destination(.macIPAdvertisement, mac + "20" + "0a010205" + "003e91" + "003ea1")
                == IPPrefix("10.1.2.5/32"))
        #expect(try destination(.macIPAdvertisement, mac + "20" + "0a010205" + "003e91") == nil)
        #expect(try destination(.macIPAdvertisement, mac + "00" + "003e91" + "003ea1") == nil)
    }

    private func contains(_ octets: [UInt8], _ part: [UInt8]) -> Bool {
        octets.indices.contains { octets[$0...].starts(with: part) }
    }
}
