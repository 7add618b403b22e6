import Addressing
import BGP
import Testing

/// RFC 7606 and RFC 8277 §2 for routes with labels, rule by rule: what of an UPDATE may stand, and what it costs when it may not.
/// The octets are put together by the diagrams of RFC 4271 §4.3, RFC 4760 §3, RFC 8277 §2.2 and RFC 4364 §4.3.4.
@Suite struct LabeledRouteErrorTests {
    /// AFI, SAFI and the next hop with its length in front.
    enum Family: String, Sendable, CaseIterable {
        case labeled4 = "0001 04"
        case labeled6 = "0002 04"
        case vpn4 = "0001 80"
        case vpn6 = "0002 80"

        var nextHop: String {
            switch self {
            case .labeled4: "04 c0000201"
            case .labeled6: "10 00000000000000000000ffffc0000201"
            case .vpn4: "0c 0000000000000000 c0000201"
            case .vpn6: "18 0000000000000000 00000000000000000000ffffc0000201"
            }
        }

        var identifier: AddressFamilyIdentifier {
            switch self {
            case .labeled4: .ipv4LabeledUnicast
            case .labeled6: .ipv6LabeledUnicast
            case .vpn4: .vpnIPv4
            case .vpn6: .vpnIPv6
            }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let family: Family
        /// What stands in the place of the routes.
        let routes: String
        var nextHop: String?

        init(_ description: String, _ family: Family, _ routes: String, nextHop: String? = nil) {
            testDescription = description
            self.family = family
            self.routes = routes
            self.nextHop = nextHop
        }
    }

    /// An optional attribute of one length octet, or of two.
    private static func attribute(_ type: UInt8, _ value: String, flags: UInt8 = 0x80) -> [UInt8] {
        let value = octets(value)
        let length = value.count > 255 ? [UInt8(value.count >> 8), UInt8(value.count & 255)] : [UInt8(value.count)]
        return [value.count > 255 ? flags | 0x10 : flags, type] + length + value
    }

    private static func reachable(
        _ family: Family, _ routes: String, nextHop: String? = nil, reserved: String = "00", flags: UInt8 = 0x80
    ) -> [UInt8] {
        attribute(14, "\(family.rawValue) \(nextHop ?? family.nextHop) \(reserved) \(routes)", flags: flags)
    }

    private static func unreachable(_ family: String, _ routes: String, flags: UInt8 = 0x80) -> [UInt8] {
        attribute(15, "\(family) \(routes)", flags: flags)
    }

    private static func decode(_ attributes: [UInt8]...) -> DecodedUpdate {
        let all = attributes.flatMap(\.self)
        let body = [0, 0, UInt8(all.count >> 8), UInt8(all.count & 255)] + all
        return DecodedUpdate(body: body[...], context: externalContext.withEveryFamily)
    }

    private static let usual = octets(UpdateText.origin + UpdateText.asPath)

    private static func labeled(_ prefix: String, _ value: UInt32) throws -> AnnouncedRoute {
        AnnouncedRoute(labeledUnicast: try required(IPPrefix(prefix)), labels: .single(try label(value)))
    }

    // MARK: What cannot be read disables its family (RFC 7606 §5.3, §7.11)

    static let unreadable = [
        Case("a length of 0", .labeled4, "00"), Case("a length of 0", .vpn4, "00"),
        Case("a length of 23: no room for a label", .labeled4, "17 03e871"),
        Case("a length of 23: no room for a label", .vpn6, "17 03e871"),
        Case("a label and no octet of the distinguisher", .vpn4, "18 003e91"),
        Case("a length of 87: a bit of the distinguisher is missing", .vpn4, "57 003e91 0000002a00000001"),
        Case("a length of 87: a bit of the distinguisher is missing", .vpn6, "57 003e91 0000002a00000001"),
        Case("the distinguisher overruns the attribute", .vpn4, "58 003e91 0000002a0000"),
        Case("a prefix of 33 bits", .labeled4, "39 03e871 0a00000780"),
        Case("a prefix of 129 bits", .labeled6, "99 03e871 20010db8000000000000000000000000 80"),
        Case("a prefix of 129 bits", .vpn6, "d9 003e91 0000002a00000001 20010db8000000000000000000000000 80"),
        Case("a length of 255", .labeled4, "ff 03e871 0a000007"), Case("a length of 255", .vpn4, "ff 003e91 0a000007"),
        Case("the prefix overruns the attribute", .labeled4, "38 03e871 0a0000"),
        Case("the prefix overruns the attribute", .labeled6, "98 03e871 20010db8"),
        Case("the second of two routes is cut", .labeled4, "38 03e871 0a000007 38 03e871"),
        Case(
            "labels without an end", .vpn4, "ff 003e90 003e90 003e90 003e90 003e90 003e90 003e90 003e90 003e90 003e90"),
        Case("no next hop", .labeled4, "38 03e871 0a000007", nextHop: "00"),
        Case("a next hop of 5 octets", .labeled4, "38 03e871 0a000007", nextHop: "05 c000020100"),
        Case("a VPN's next hop", .labeled4, "38 03e871 0a000007", nextHop: "0c 0000000000000000 c0000201"),
        Case("a next hop of IPv4", .labeled6, "38 03e871 20010db8", nextHop: "04 c0000201"),
        Case(
            "a VPN's next hop", .labeled6, "38 03e871 20010db8",
            nextHop: "18 0000000000000000 20010db8000000000000000000000001"),
        Case("a next hop without a distinguisher", .vpn4, "58 003e91 0000002a00000001", nextHop: "04 c0000201"),
        Case(
            "a next hop without a distinguisher", .vpn6, "58 003e91 0000002a00000001",
            nextHop: "10 20010db8000000000000000000000001"),
        Case(
            "a next hop of IPv4", .vpn6, "58 003e91 0000002a00000001", nextHop: "0c 0000000000000000 c0000201"),
    ]

    @Test(arguments: unreadable)
    func `routes that cannot be read disable their family alone`(bad: Case) throws {
        let decoded = Self.decode(Self.reachable(bad.family, bad.routes, nextHop: bad.nextHop), Self.usual)
        #expect(decoded.severestFault?.damage == .familyDisable(bad.family.identifier))
        #expect(decoded.severestFault?.notification.subcode == 9 && decoded.severestFault?.attribute == 14)
        #expect(decoded.update == Update(withdrawing: []))
        #expect(decoded.faults.description.contains("\(bad.family.identifier) disabled"))
    }

    static let unreadableWithdrawals =
        unreadable.filter { $0.nextHop == nil } + [
            // RFC 8277 §2.4: one field of three octets, whatever was announced.
            Case("two labels", .labeled4, "50 03e870 007d11 0a000007"),
            Case("two labels", .vpn4, "90 003e90 007d11 0000002a00000001 0a010000"),
            Case("a prefix without a label", .labeled4, "10 0a01"),
            Case("a distinguisher and a prefix without a label", .vpn4, "50 0000002a00000001 0a01"),
        ]

    @Test(arguments: unreadableWithdrawals)
    func `withdrawals that cannot be read disable their family alone`(bad: Case) {
        let decoded = Self.decode(Self.unreachable(bad.family.rawValue, bad.routes))
        #expect(decoded.severestFault?.damage == .familyDisable(bad.family.identifier))
        #expect(decoded.severestFault?.attribute == 15)
        #expect(decoded.update == Update(withdrawing: []))
    }

    @Test func `of another family in the same message routes are withdrawn, to be safe`() throws {
        let decoded = Self.decode(
            Self.reachable(.labeled4, "38 03e871 0a000007"), Self.unreachable(Family.vpn4.rawValue, "18 800000"),
            Self.usual)
        #expect(decoded.severestFault?.damage == .familyDisable(.vpnIPv4))
        #expect(decoded.update == Update(withdrawing: [.labeledUnicast(try required(IPPrefix("10.0.0.7/32")))]))
    }

    // MARK: What cannot be found resets the session (RFC 7606 §3 g, §5.3, §7.11, §7.12)

    @Test(arguments: Family.allCases)
    func `two attributes with routes reset the session, whatever their families`(family: Family) {
        for other in Family.allCases {
            let twice = Self.decode(Self.reachable(family, ""), Self.usual, Self.reachable(other, ""))
            #expect(twice.severestFault?.damage == .sessionReset && twice.severestFault?.notification.subcode == 1)
            let withdrawn = Self.decode(
                Self.unreachable(family.rawValue, ""), Self.unreachable(other.rawValue, ""))
            #expect(withdrawn.severestFault?.damage == .sessionReset && withdrawn.update == Update(withdrawing: []))
        }
    }

    @Test(arguments: ["", "0001", "0001 04", "0001 04 04 c00002", "0001 80 0c 0000000000000000 c0000201"])
    func `an MP_REACH_NLRI that ends before its routes resets the session`(value: String) {
        let decoded = Self.decode(Self.attribute(14, value), Self.usual)
        #expect(decoded.severestFault?.damage == .sessionReset && decoded.severestFault?.notification.subcode == 9)
    }

    @Test(arguments: ["", "00", "0001"])
    func `an MP_UNREACH_NLRI without a family resets the session`(value: String) {
        let decoded = Self.decode(Self.attribute(15, value))
        #expect(decoded.severestFault?.damage == .sessionReset && decoded.severestFault?.notification.subcode == 9)
    }

    // MARK: What can be read and is wrong withdraws (RFC 7606 §3 c, §3 d)

    @Test(arguments: Family.allCases, [UInt8(0xC0), 0x40, 0x00])
    func `flags of another kind withdraw the routes, which are read all the same`(family: Family, flags: UInt8) throws {
        let routes = family == .vpn4 || family == .vpn6 ? "58 003e91 0000002a00000001" : "18 03e871"
        let decoded = Self.decode(Self.reachable(family, routes, flags: flags), Self.usual)
        #expect(decoded.severestFault?.damage == .treatAsWithdraw && decoded.severestFault?.notification.subcode == 4)
        #expect(decoded.update.announced.isEmpty && decoded.update.withdrawn.map(\.family) == [family.identifier])
        let withdrawal = Self.decode(Self.unreachable(family.rawValue, routes, flags: flags))
        #expect(withdrawal.severestFault?.damage == .treatAsWithdraw && withdrawal.update.withdrawn.count == 1)
    }

    @Test(arguments: [(UpdateText.asPath, 1), (UpdateText.origin, 2)] as [(String, UInt8)])
    func `without a mandatory attribute routes are withdrawn`(rest: String, missing: UInt8) throws {
        let decoded = Self.decode(Self.reachable(.labeled4, "38 03e871 0a000007"), octets(rest))
        #expect(decoded.severestFault?.damage == .treatAsWithdraw && decoded.severestFault?.attribute == missing)
        #expect(try decoded.update == Update(withdrawing: [.labeledUnicast(required(IPPrefix("10.0.0.7/32")))]))
    }

    // MARK: What may not matter does not

    @Test func `octets without a meaning change nothing`() throws {
        let plain = Self.decode(Self.reachable(.vpn4, UpdateText.route), Self.usual)
        let wanted = [try route("42:1", "10.1.0.0/16", label: 1001)]
        #expect(plain.update.announced == wanted)
        for odd in [
            // RFC 4760 §3: the reserved octet; RFC 4364 §4.3.2: the distinguisher of the next hop.
            Self.reachable(.vpn4, UpdateText.route, reserved: "ff"),
            Self.reachable(.vpn4, UpdateText.route, nextHop: "0c 0000002a00000009 c0000201"),
            // RFC 8277 §2.2: the S bit and the three in front of it. RFC 4271 §4.3: bits behind the prefix's length.
            Self.reachable(.vpn4, "68 003e90 0000002a00000001 0a01"),
            Self.reachable(.vpn4, "68 003e9f 0000002a00000001 0a01"),
            // RFC 4271 §4.3: two octets of length where one is enough, and the partial bit (RFC 7606 §3 c names two others).
            [0x90, 14, 0] + Self.reachable(.vpn4, UpdateText.route).dropFirst(2),
            Self.reachable(.vpn4, UpdateText.route, flags: 0xA0),
        ] {
            let decoded = Self.decode(odd, Self.usual)
            #expect(decoded.faults.isEmpty && decoded.update.announced == wanted)
            #expect(decoded.update.attributes.nextHop == plain.update.attributes.nextHop)
        }
        let hostBits = Self.decode(Self.reachable(.labeled4, "2e 03e871 0a00ff"), Self.usual)
        #expect(hostBits.faults.isEmpty)
        #expect(try hostBits.update.announced == [Self.labeled("10.0.252.0/22", 16007)])
    }

    /// RFC 4364 §4.2: types 0 to 2; one that nobody knows is a distinguisher all the same.
    @Test(arguments: [
        "0001c00002010007", "0002000100000007", "0003002a00000001", "ffffffffffffffff", "0000000000000000",
    ])
    func `a route distinguisher of any type distinguishes`(octets: String) throws {
        let decoded = Self.decode(Self.reachable(.vpn4, "68 003e91 \(octets) 0a01"), Self.usual)
        #expect(decoded.faults.isEmpty)
        let route = try required(decoded.update.announced.first?.nlri.vpnPrefix)
        #expect(route.routeDistinguisher.rawValue == UInt64(octets, radix: 16))
        #expect(route.prefix == IPPrefix("10.1.0.0/16"))
    }

    /// RFC 8277 §2.4: 0x800000, RFC 3107's 0x000000, or any other three octets.
    @Test(arguments: ["800000", "000000", "03e871", "ffffff"])
    func `the label of a withdrawal means nothing`(field: String) throws {
        let decoded = Self.decode(Self.unreachable(Family.labeled4.rawValue, "38 \(field) 0a000007 18 \(field)"))
        #expect(decoded.faults.isEmpty)
        #expect(
            try decoded.update.withdrawn
                == ["10.0.0.7/32", "0.0.0.0/0"].map { .labeledUnicast(try required(IPPrefix($0))) })
        let six = Self.decode(Self.unreachable(Family.vpn6.rawValue, "78 \(field) 0000002a00000001 20010db8"))
        #expect(try six.update.withdrawn == [vpn("42:1", "2001:db8::/32")])
    }

    /// RFC 4760 §7: what the session does not carry is passed over, and what is beside it stands.
    @Test(arguments: ["0001 85", "0003 80", "0019 41", "0002 02"])
    func `a family that nobody agreed on is passed over`(family: String) throws {
        let decoded = Self.decode(
            Self.reachable(.labeled4, "38 03e871 0a000007"), Self.unreachable(family, "ff ff"), Self.usual)
        #expect(decoded.faults.isEmpty && decoded.ignoredFamilies.count == 1)
        #expect(try decoded.update.announced == [Self.labeled("10.0.0.7/32", 16007)])
    }
}

extension UpdateText {
    /// 42:1:10.1.0.0/16 with label 1001.
    fileprivate static let route = "68 003e91 0000002a00000001 0a01"
}
