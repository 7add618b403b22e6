import Addressing
import BGP
import Testing

/// MCAST-VPN (RFC 6514): all seven types against the diagrams of §4, with wildcards (RFC 6625) and PEs of either family (RFC 6515).
@Suite struct MulticastVPNRouteTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let family: AddressFamily
        let kind: MulticastVPNRoute.Kind
        let value: String
        let text: String
        var originator: String?
        var sourceAS: UInt32?
        var rd = "42:1"

        var testDescription: String { text }
    }

    private static let rd = "0000002a00000001"

    static let samples = [
        Sample(
            family: .ipv4, kind: .intraASIPMSI, value: rd + "0a00000b", text: "[1]:[10.0.0.11]", originator: "10.0.0.11"
        ),
        Sample(
            family: .ipv4, kind: .intraASIPMSI, value: rd + "20010db8000000000000000000000011",
            text: "[1]:[2001:db8::11]",
            originator: "2001:db8::11"),
        Sample(family: .ipv4, kind: .interASIPMSI, value: rd + "0000fde9", text: "[2]:[65001]", sourceAS: 65001),
        Sample(
            family: .ipv4, kind: .selectivePMSI, value: rd + "20 0a010203 20 e8000001 0a00000b",
            text: "[3]:[10.1.2.3]:[232.0.0.1]:[10.0.0.11]", originator: "10.0.0.11"),
        Sample(
            family: .ipv4, kind: .selectivePMSI, value: rd + "00 00 0a00000b", text: "[3]:[*]:[*]:[10.0.0.11]",
            originator: "10.0.0.11"),
        Sample(
            family: .ipv4, kind: .leafAutoDiscovery,
            value: "03 16" + rd + "20 0a010203 20 e8000001 0a00000b" + "0a00000c",
            text: "[4]:[3]:[10.1.2.3]:[232.0.0.1]:[10.0.0.11]:[10.0.0.12]", originator: "10.0.0.12"),
        Sample(
            family: .ipv4, kind: .leafAutoDiscovery, value: "02 0c" + rd + "0000fde9" + "0a00000c",
            text: "[4]:[2]:[65001]:[10.0.0.12]", originator: "10.0.0.12"),
        // RFC 7524 §6.2.2: in the global table a leaf answers a route distinguisher of zero, a flow and the ingress PE.
        Sample(
            family: .ipv4, kind: .leafAutoDiscovery,
            value: "0000000000000000 20 0a010203 20 e8000001 0a00000b" + "0a00000c",
            text: "[4]:[0000000000000000200a01020320e80000010a00000b0a00000c]", rd: "0:0"),
        Sample(
            family: .ipv4, kind: .sourceActive, value: rd + "20 0a010203 20 ef000001",
            text: "[5]:[10.1.2.3]:[239.0.0.1]"),
        Sample(
            family: .ipv4, kind: .sharedTreeJoin, value: rd + "0000002a 20 0a010203 20 e8000001",
            text: "[6]:[42]:[10.1.2.3]:[232.0.0.1]", sourceAS: 42),
        Sample(
            family: .ipv6, kind: .sourceTreeJoin,
            value: rd + "0000002a 80 20010db8000000000000000000000007 80 ff3e0000000000000000000000000001",
            text: "[7]:[42]:[2001:db8::7]:[ff3e::1]", sourceAS: 42),
    ]

    @Test func `every type has a sample`() {
        #expect(Set(Self.samples.map(\.kind)) == Set(MulticastVPNRoute.Kind.allCases))
    }

    @Test(arguments: samples) func `routes are read, written and told in words`(sample: Sample) throws {
        let value = octets(sample.value)
        let route = try required(MulticastVPNRoute(sample.family, sample.kind, value[...]))
        #expect(route.description == sample.text && route.sourceAutonomousSystem == sample.sourceAS)
        #expect(route.routeDistinguisher.description == sample.rd)
        #expect(route.originator == (try sample.originator.map { try address($0) }))
        let context = internalContext.withEveryFamily
        let nlri = NLRI.multicastVPN(route)
        let message = try required(UpdateEncoder(context: context).messages(for: Update(withdrawing: [nlri])).first)
        #expect(message.suffixContains([sample.kind.rawValue, UInt8(value.count)] + value))
        #expect(DecodedUpdate(body: body(message), context: context).update.withdrawn == [nlri])
        #expect(try NLRI(octets: required(nlri.octets), nlri.family) == nlri)
    }

    @Test(arguments: [
        // Cut short, or an originator of three octets; addresses that are not of the family.
        (MulticastVPNRoute.Kind.intraASIPMSI, rd), (.intraASIPMSI, rd + "0a0000"), (.interASIPMSI, rd + "0000002a00"),
        (.selectivePMSI, rd + "20 0a010203 18 e80000 0a00000b"),
        (.selectivePMSI, rd + "80 20010db8000000000000000000000007 20 e8000001 0a00000b"),
        // RFC 6625 has wildcards in S-PMSI routes alone.
        (.sourceActive, rd + "00 20 e8000001"), (.sourceTreeJoin, rd + "0000002a 20 0a010203 00"),
        // Less than a route distinguisher and an address.
        (.leafAutoDiscovery, "0000002a000001 0a00000c"),
    ]) func `octets that are none of the type`(kind: MulticastVPNRoute.Kind, value: String) {
        #expect(MulticastVPNRoute(.ipv4, kind, octets(value)[...]) == nil)
    }

    /// RFC 6514 §4.5: they must not be advertised, and are discarded. RFC 4607 §1: 232/8 and ff3x::/32.
    @Test(arguments: [
        ("000105", "05 12 0000002a00000001 20 0a010203 20 e8000001"),
        (
            "000205",
            "05 2a 0000002a00000001 80 20010db8000000000000000000000007 80 ff3e0000000000000000000000000001"
        ),
    ]) func `a source of a group that is joined by its source is passed over`(family: String, route: String) throws {
        let value = "\(family) 04 c0000201 00 \(route)"
        let count = String(octets(value).count, radix: 16)
        let decoded = DecodedUpdate(
            body: UpdateText.body("80 0e \(count) \(value)", UpdateText.origin, UpdateText.asPath),
            context: internalContext.withEveryFamily)
        #expect(decoded.faults.isEmpty && decoded.routesDiscarded == 1 && decoded.update.announced.isEmpty)
    }

    /// RFC 6515 §2: an originator of neither 4 nor 16 octets.
    @Test func `a route that nobody can name disables the family`() {
        let decoded = DecodedUpdate(
            body: UpdateText.body(
                "80 0e 16 000105 04 c0000201 00 01 0b 0000002a00000001 0a0000", UpdateText.origin, UpdateText.asPath),
            context: internalContext.withEveryFamily)
        #expect(decoded.faults.map(\.damage) == [.familyDisable(.ipv4MVPN)])
    }
}
