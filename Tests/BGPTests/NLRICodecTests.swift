import Addressing
import BGP
import Testing

/// The rows of the table of families, against octets put together by the diagrams of their RFCs.
@Suite struct NLRICodecTests {
    /// Routes of one family with the octets that MP_REACH_NLRI and MP_UNREACH_NLRI have for them.
    struct Sample: Sendable, CustomTestStringConvertible {
        let family: AddressFamilyIdentifier
        /// AFI and SAFI.
        let familyOctets: String
        let nextHop: String
        /// With its length in front.
        let nextHopOctets: String
        let routes: @Sendable () throws -> [AnnouncedRoute]
        let announced: String
        let withdrawn: String

        var testDescription: String { "\(family) by \(nextHop)" }
    }

    static let samples = [
        // RFC 4760 §5, with the next hop of RFC 4271.
        Sample(
            family: .ipv4Unicast, familyOctets: "000101", nextHop: "192.0.2.1", nextHopOctets: "04 c0000201",
            routes: { try [unicast("10.1.0.0/16"), unicast("0.0.0.0/0"), unicast("198.51.100.7/32")] },
            announced: "10 0a01  00  20 c6336407", withdrawn: "10 0a01  00  20 c6336407"),
        // RFC 2545 §3: a global address.
        Sample(
            family: .ipv6Unicast, familyOctets: "000201", nextHop: "2001:db8::1",
            nextHopOctets: "10 20010db8000000000000000000000001",
            routes: { try [unicast("2001:db8:1::/48"), unicast("2001:db8::/33")] },
            announced: "30 20010db80001  21 20010db800", withdrawn: "30 20010db80001  21 20010db800"),
        // RFC 8277 §2.2 and §2.4: a label of 20 bits, three of rsrv, S; 0x800000 in its place.
        Sample(
            family: .ipv4LabeledUnicast, familyOctets: "000104", nextHop: "192.0.2.1", nextHopOctets: "04 c0000201",
            routes: {
                try [
                    AnnouncedRoute(labeledUnicast: required(IPPrefix("10.0.0.7/32")), labels: .single(label(16007))),
                    AnnouncedRoute(labeledUnicast: required(IPPrefix("0.0.0.0/0")), labels: .single(label(3))),
                ]
            },
            announced: "38 03e871 0a000007  18 000031", withdrawn: "38 800000 0a000007  18 800000"),
        // RFC 4798 §2: the IPv4 address of a 6PE as an IPv4-mapped IPv6 one.
        Sample(
            family: .ipv6LabeledUnicast, familyOctets: "000204", nextHop: "::ffff:192.0.2.1",
            nextHopOctets: "10 00000000000000000000ffffc0000201",
            routes: {
                try [AnnouncedRoute(labeledUnicast: required(IPPrefix("2001:db8::/32")), labels: .single(label(2)))]
            },
            announced: "38 000021 20010db8", withdrawn: "38 800000 20010db8"),
        // RFC 4364 §4.3.2 and §4.3.4.
        Sample(
            family: .vpnIPv4, familyOctets: "000180", nextHop: "192.0.2.1",
            nextHopOctets: "0c 0000000000000000 c0000201",
            routes: { try [route("42:1", "10.1.0.0/16", label: 1001)] },
            announced: "68 003e91 0000002a00000001 0a01", withdrawn: "68 800000 0000002a00000001 0a01"),
        // RFC 4659 §3.2.1.1.
        Sample(
            family: .vpnIPv6, familyOctets: "000280", nextHop: "2001:db8::1",
            nextHopOctets: "18 0000000000000000 20010db8000000000000000000000001",
            routes: { try [route("42:1", "2001:db8:1::/48", label: 1001)] },
            announced: "88 003e91 0000002a00000001 20010db80001",
            withdrawn: "88 800000 0000002a00000001 20010db80001"),
        // RFC 4684 §4: the default, one target, all targets of an administrator, all of an AS; no labels.
        Sample(
            family: .routeTargets, familyOctets: "000184", nextHop: "192.0.2.1", nextHopOctets: "04 c0000201",
            routes: {
                [
                    AnnouncedRoute(.everything), membership(42, 0x0002_002A_0000_0007, 64),
                    membership(65001, 0x0002_002A_0000_0000, 32), membership(65001, 0, 0),
                ]
            },
            announced: "00  60 0000002a 0002002a00000007  40 0000fde9 0002002a  20 0000fde9",
            withdrawn: "00  60 0000002a 0002002a00000007  40 0000fde9 0002002a  20 0000fde9"),
        Sample(
            family: .routeTargets, familyOctets: "000184", nextHop: "2001:db8::1",
            nextHopOctets: "10 20010db8000000000000000000000001",
            routes: { [membership(42, 0x0102_0A00_0000_0000, 23)] },
            announced: "37 0000002a 01020a", withdrawn: "37 0000002a 01020a"),
        // RFC 6514 §4: type, length; §4.1 of a PE of IPv4, §4.3 with a wildcard source (RFC 6625 §3.1.1).
        Sample(
            family: .ipv4MVPN, familyOctets: "000105", nextHop: "192.0.2.1", nextHopOctets: "04 c0000201",
            routes: {
                try [
                    multicast(.ipv4, .intraASIPMSI, "0000002a00000001 0a00000b"),
                    multicast(.ipv4, .selectivePMSI, "0000002a00000001 00 20 e8000001 0a00000b"),
                ]
            },
            announced: "01 0c 0000002a00000001 0a00000b  03 12 0000002a00000001 00 20 e8000001 0a00000b",
            withdrawn: "01 0c 0000002a00000001 0a00000b  03 12 0000002a00000001 00 20 e8000001 0a00000b"),
        // §4.6 of a customer's group of IPv6; RFC 6515 §2: the next hop may be of IPv4 all the same.
        Sample(
            family: .ipv6MVPN, familyOctets: "000205", nextHop: "192.0.2.1", nextHopOctets: "04 c0000201",
            routes: {
                try [
                    multicast(
                        .ipv6, .sourceTreeJoin,
                        "0000002a00000001 0000002a 80 20010db8000000000000000000000007"
                            + "80 ff3e0000000000000000000000000001")
                ]
            },
            announced: "07 2e 0000002a00000001 0000002a 80 20010db8000000000000000000000007"
                + "80 ff3e0000000000000000000000000001",
            withdrawn: "07 2e 0000002a00000001 0000002a 80 20010db8000000000000000000000007"
                + "80 ff3e0000000000000000000000000001"),
        // RFC 7432 §7.3 and §7.4, as GoBGP 3.10 and ExaBGP 4.2 write them.
        Sample(
            family: .evpn, familyOctets: "001946", nextHop: "192.0.2.1", nextHopOctets: "04 c0000201",
            routes: {
                try [
                    ethernet(.inclusiveMulticast, "0000002a00000001 00000007 20 0a00000b"),
                    ethernet(.ethernetSegment, "0000002a00000001 00112233445566778899 20 0a00000b"),
                ]
            },
            announced: "03 11 0000002a00000001 00000007 20 0a00000b"
                + "04 17 0000002a00000001 00112233445566778899 20 0a00000b",
            withdrawn: "03 11 0000002a00000001 00000007 20 0a00000b"
                + "04 17 0000002a00000001 00112233445566778899 20 0a00000b"),
        Sample(
            family: .evpn, familyOctets: "001946", nextHop: "2001:db8::1",
            nextHopOctets: "10 20010db8000000000000000000000001",
            routes: {
                try [ethernet(.inclusiveMulticast, "0000002a00000001 00000007 80 20010db8000000000000000000000011")]
            },
            announced: "03 1d 0000002a00000001 00000007 80 20010db8000000000000000000000011",
            withdrawn: "03 1d 0000002a00000001 00000007 80 20010db8000000000000000000000011"),
    ]

    private static func multicast(
        _ family: AddressFamily, _ kind: MulticastVPNRoute.Kind, _ value: String
    ) throws -> AnnouncedRoute {
        AnnouncedRoute(try required(MulticastVPNRoute(family, kind, octets(value)[...])))
    }

    private static func ethernet(_ kind: EVPNRoute.Kind, _ value: String) throws -> AnnouncedRoute {
        AnnouncedRoute(try required(EVPNRoute.reading(kind, octets(value)[...])).route)
    }

    private static func membership(_ origin: UInt32, _ target: UInt64, _ length: UInt8) -> AnnouncedRoute {
        AnnouncedRoute(
            RouteTargetMembership(originAutonomousSystem: origin, RouteTargetPrefix(target, length: length)))
    }

    private static func unicast(_ text: String) throws -> AnnouncedRoute {
        AnnouncedRoute(unicast: try required(IPPrefix(text)))
    }

    @Test func `every row of the table has a sample`() {
        #expect(Set(Self.samples.map(\.family)) == Set(NLRICodec.all.map(\.family)))
        #expect(Set(NLRICodec.all.map(\.family)).count == NLRICodec.all.count)
    }

    @Test(arguments: samples) func `announced routes are these octets`(sample: Sample) throws {
        let routes = try sample.routes()
        let expected = attribute(0x0e, "\(sample.familyOctets) \(sample.nextHopOctets) 00 \(sample.announced)")
        var attributes = PathAttributes(nextHop: BGPNextHop(try address(sample.nextHop)))
        attributes.asPath = ASPath(sequence: [65001])
        let context = externalContext.withEveryFamily
        let update = Update(announcing: routes, attributes: attributes)
        let messages = try UpdateEncoder(context: context).messages(for: update)
        #expect(messages.count == 1)
        // Unicast IPv4 is written in the UPDATE's own field (`IPv4UnicastTests`).
        if sample.family != .ipv4Unicast {
            #expect(Array(try required(messages.first)[23...].prefix(expected.count)) == expected)
        }
        let value = "\(sample.familyOctets) \(sample.nextHopOctets) 00 \(sample.announced)"
        let text = UpdateText.body(
            "80 0e \(hexadecimal(octets(value).count)) \(value)", UpdateText.origin, UpdateText.asPath)
        let decoded = DecodedUpdate(body: text, context: context)
        #expect(decoded.faults.isEmpty)
        #expect(decoded.update.announced == routes)
        #expect(decoded.update.announced.allSatisfy { $0.family == sample.family })
        #expect(try decoded.update.attributes.nextHop?.address == address(sample.nextHop))
    }

    @Test(arguments: samples) func `withdrawn routes are these octets`(sample: Sample) throws {
        let routes = try sample.routes().map(\.nlri)
        let expected = attribute(0x0f, "\(sample.familyOctets) \(sample.withdrawn)")
        let context = externalContext.withEveryFamily
        let messages = try UpdateEncoder(context: context).messages(for: Update(withdrawing: routes))
        if sample.family != .ipv4Unicast { #expect(messages.map { Array($0[23...]) } == [expected]) }
        let decoded = DecodedUpdate(
            body: UpdateText.body(
                "80 0f \(hexadecimal(expected.count - 3)) \(sample.familyOctets) \(sample.withdrawn)"),
            context: context)
        #expect(decoded.faults.isEmpty)
        #expect(decoded.update.withdrawn == routes)
    }

    /// RFC 2545 §3, RFC 4659 §3.2.1.1, RFC 8950 §4: two addresses, and IPv6 ones for IPv4 prefixes.
    @Test(arguments: NLRICodec.all.map(\.family).filter { ![.routeTargets, .ipv4MVPN, .ipv6MVPN, .evpn].contains($0) })
    func `next hops of IPv6 with a link-local address`(
        family: AddressFamilyIdentifier
    ) throws {
        let distinguisher = family.subsequentAddressFamily == 128 ? "0000000000000000" : ""
        let addresses =
            "\(distinguisher) 20010db8000000000000000000000001 \(distinguisher) fe800000000000000000000000000002"
        let value = "\(hexadecimal(family)) \(distinguisher.isEmpty ? "20" : "30") \(addresses) 00"
        let text = UpdateText.body("80 0e \(hexadecimal(octets(value).count)) \(value)")
        let decoded = DecodedUpdate(body: text, context: externalContext.withEveryFamily)
        #expect(decoded.faults.isEmpty)
        let nextHop = decoded.update.attributes.nextHop
        #expect(try nextHop == BGPNextHop(address("2001:db8::1"), linkLocal: v6("fe80::2")))
    }

    /// RFC 7606 §5.3, §7.11: the family cannot be read any further, the others can.
    @Test(arguments: [
        ("000101", "04 c0000201", "21 0a01020304"), ("000101", "04 c0000201", "18 0a01"),
        ("000101", "0c 0000000000000000c0000201", "08 0a"), ("000201", "04 c0000201", "08 20"),
        ("000201", "10 20010db8000000000000000000000001", "81 20010db80000000000000000000000000000"),
        ("000104", "04 c0000201", "17 0003e1"), ("000104", "04 c0000201", "39 03e871 0a00000700"),
        ("000104", "18 000000000000000020010db8000000000000000000000001", "20 03e871 0a"),
        ("000204", "10 00000000000000000000ffffc0000201", "38 000021 20010d"),
        // RFC 4684 §4: an AS that is cut short, a target that is too long or is not there; one address, without distinguisher.
        ("000184", "04 c0000201", "01 80"), ("000184", "04 c0000201", "1f 0000002a"),
        ("000184", "04 c0000201", "61 0000002a 0002002a0000000700"), ("000184", "04 c0000201", "60 0000002a 0002002a"),
        ("000184", "0c 0000000000000000c0000201", "00"),
        ("000184", "20 20010db8000000000000000000000001fe800000000000000000000000000002", "00"),
        // RFC 6514 §4, RFC 7432 §7: a length beyond the attribute; one address, without distinguisher.
        ("000105", "04 c0000201", "01 0c 0000002a00000001"), ("001946", "04 c0000201", "03"),
        ("001946", "0c 0000000000000000c0000201", "03 11 0000002a00000001 00000007 20 0a00000b"),
    ]) func `lengths that cannot be disable the family`(family: String, nextHop: String, route: String) throws {
        let value = "\(family) \(nextHop) 00 \(route)"
        let text = UpdateText.body(
            "80 0e \(hexadecimal(octets(value).count)) \(value)", UpdateText.origin, UpdateText.asPath)
        let decoded = DecodedUpdate(body: text, context: externalContext.withEveryFamily)
        let number = octets(family)
        let identifier = AddressFamilyIdentifier(addressFamily: UInt16(number[1]), subsequentAddressFamily: number[2])
        #expect(decoded.severestFault?.damage == .familyDisable(identifier))
        #expect(decoded.update == Update(withdrawing: []))
    }

    @Test func `two labels of a labelled unicast route are two labels`() throws {
        let text = UpdateText.body(
            "80 0e 14 000104 04 c0000201 00 50 03e870 007d11 0a000007", UpdateText.origin, UpdateText.asPath)
        let decoded = DecodedUpdate(body: text, context: externalContext.withEveryFamily)
        #expect(decoded.faults.isEmpty)
        let labels = try LabelStack.multiple([label(16007), label(2001)])
        let expected = try AnnouncedRoute(labeledUnicast: required(IPPrefix("10.0.0.7/32")), labels: labels)
        #expect(decoded.update.announced == [expected])
    }

    @Test func `routes are sorted by kind and then by what they are`() throws {
        let prefix = try required(IPPrefix("10.0.0.0/8"))
        let sorted: [NLRI] = try [
            .unicast(prefix), .unicast(required(IPPrefix("11.0.0.0/8"))), .labeledUnicast(prefix),
            vpn("42:1", "11.0.0.0/8"), vpn("42:2", "10.0.0.0/8"), .routeTargets(.everything),
            .routeTargets(RouteTargetMembership(originAutonomousSystem: 42, .everything)),
            Self.multicast(.ipv4, .intraASIPMSI, "0000002a00000001 0a00000b").nlri,
            Self.multicast(.ipv4, .interASIPMSI, "0000002a00000001 0000002a").nlri,
            Self.multicast(.ipv6, .intraASIPMSI, "0000002a00000001 0a00000b").nlri,
            Self.ethernet(.inclusiveMulticast, "0000002a00000001 00000007 20 0a00000b").nlri,
            Self.ethernet(.inclusiveMulticast, "0000002a00000001 00000008 20 0a00000b").nlri,
        ]
        #expect(sorted.reversed().sorted() == sorted)
        #expect(Set(sorted).count == sorted.count)
    }

    @Test func `bits behind the length of a route target mean nothing`() throws {
        let text = UpdateText.body(
            "80 0e 11 000184 04 c0000201 00 35 0000002a 01020f", UpdateText.origin, UpdateText.asPath)
        let decoded = DecodedUpdate(body: text, context: externalContext.withEveryFamily)
        #expect(decoded.faults.isEmpty)
        let target = RouteTargetPrefix(0x0102_0800_0000_0000, length: 21)
        #expect(
            decoded.update.announced == [AnnouncedRoute(RouteTargetMembership(originAutonomousSystem: 42, target))])
    }

    @Test func `route targets in words`() throws {
        func text(_ target: UInt64, _ length: UInt8) -> String {
            RouteTargetMembership(originAutonomousSystem: 42, RouteTargetPrefix(target, length: length)).description
        }
        #expect(RouteTargetMembership.everything.description == "default")
        #expect(text(0x0002_002A_0000_0007, 64) == "42:42:7/96")
        #expect(text(0x0102_0A00_0001_0007, 64) == "42:10.0.0.1:7/96")
        #expect(text(0x0002_002A_0000_0007, 32) == "42:0x2002a00000000/64")
        // What is no route target (RFC 4360 §4) is said as it is.
        #expect(text(0x4005_002A_0000_0007, 64) == "42:0x4005002a00000007/96")
    }

    private func attribute(_ code: UInt8, _ value: String) -> [UInt8] {
        let value = octets(value)
        return [0x80, code, UInt8(value.count)] + value
    }

    private func hexadecimal(_ count: Int) -> String { (count < 16 ? "0" : "") + String(count, radix: 16) }

    private func hexadecimal(_ family: AddressFamilyIdentifier) -> String {
        "00" + hexadecimal(Int(family.addressFamily)) + hexadecimal(Int(family.subsequentAddressFamily))
    }
}
