import Addressing
import BGP
import Testing

/// Unicast IPv4, whose routes stand in the UPDATE's own two fields (RFC 4271 §4.3), or in attributes by a next hop of
/// IPv6 (RFC 8950).
@Suite struct IPv4UnicastTests {
    private static let nextHop = "40 03 04 c0000201"
    /// 2001:db8:1::/48 by 2001:db8::1 and fe80::2.
    private static let ipv6Routes =
        "80 0e 2c 0002 01 20 20010db8000000000000000000000001 fe800000000000000000000000000002 00 30 20010db80001"
    /// 10.1.0.0/16 by 2001:db8::1.
    private static let extendedNextHop = "80 0e 18 0001 01 10 20010db8000000000000000000000001 00 10 0a01"
    private static let context = externalContext.withEveryFamily
    /// Announces a route in MP_REACH_NLRI and one in the field, withdraws one of each.
    static let bothKinds = UpdateText.body(
        ipv6Routes, UpdateText.origin, UpdateText.asPath, nextHop, "80 0f 0a 0002 01 30 20010db80002",
        withdrawn: "10 0a02", ipv4Routes: "10 0a01")

    private func unicast(_ prefix: String) throws -> NLRI { .unicast(try required(IPPrefix(prefix))) }

    private func routes(_ prefixes: String...) throws -> [AnnouncedRoute] {
        try prefixes.map { AnnouncedRoute(unicast: try required(IPPrefix($0))) }
    }

    @Test func `what scapy announces and withdraws is read, and written alike`() throws {
        let announced = DecodedUpdate(body: body(Captures.scapyIPv4Announcement), context: Self.context)
        #expect(announced.faults.isEmpty && announced.endOfRIB == nil && announced.ignoredFamilies.isEmpty)
        let expected = try routes("10.1.0.0/16", "0.0.0.0/0", "198.51.100.7/32", "10.128.0.0/9")
        #expect(announced.update.announced == expected && announced.furtherUpdates.isEmpty)
        #expect(try announced.update.attributes.nextHop == BGPNextHop(address("192.0.2.1")))
        #expect(announced.update.attributes.asPath == ASPath(sequence: [65001, 4_200_000_001]))
        let encoder = UpdateEncoder(context: Self.context)
        #expect(try encoder.messages(for: announced.update) == [Captures.scapyIPv4Announcement])

        let withdrawn = DecodedUpdate(body: body(Captures.scapyIPv4Withdrawal), context: Self.context)
        #expect(withdrawn.faults.isEmpty && withdrawn.endOfRIB == nil)
        #expect(try withdrawn.update == Update(withdrawing: [unicast("10.1.0.0/16"), unicast("198.51.100.7/32")]))
        #expect(try encoder.messages(for: withdrawn.update) == [Captures.scapyIPv4Withdrawal])

        let both = DecodedUpdate(body: body(Captures.scapyIPv4Both), context: Self.context)
        #expect(try both.update.withdrawn == [unicast("10.9.0.0/16")] && both.update.announced == routes("10.1.0.0/16"))
    }

    @Test func `routes of the field and of the attribute have a next hop each`() throws {
        let decoded = DecodedUpdate(body: Self.bothKinds, context: Self.context)
        #expect(decoded.faults.isEmpty)
        #expect(try decoded.update.withdrawn == [unicast("10.2.0.0/16"), unicast("2001:db8:2::/48")])
        #expect(try decoded.update.announced == routes("2001:db8:1::/48"))
        #expect(
            try decoded.update.attributes.nextHop == BGPNextHop(address("2001:db8::1"), linkLocal: v6("fe80::2")))
        let other = try required(decoded.furtherUpdates.first)
        #expect(try other.announced == routes("10.1.0.0/16") && other.withdrawn.isEmpty)
        #expect(try other.attributes.nextHop == BGPNextHop(address("192.0.2.1")))
        #expect(other.attributes.asPath == decoded.update.attributes.asPath)
    }

    @Test func `a session hands both on, the field's routes last`() throws {
        var (probe, connection) = SessionProbe.established(
            open: SessionProbe.peerOpen(families: [.ipv4Unicast, .ipv6Unicast])
        ) { $0.families = [.ipv4Unicast, .ipv6Unicast] }
        let effects = probe.handle(
            .received(connection, message(Self.bothKinds)))
        let updates = effects.compactMap { if case .update(let update) = $0 { update } else { nil } }
        let families: [AddressFamilyIdentifier?] = [.ipv6Unicast, .ipv4Unicast]
        #expect(updates.map { $0.announced.first?.family } == families)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let attributes: [String]
        let damage: UpdateDamage
        let attribute: UInt8
        let subcode: UInt8

        init(_ name: String, _ attributes: [String], _ damage: UpdateDamage, attribute: UInt8, subcode: UInt8) {
            self.name = name
            self.attributes = attributes
            self.damage = damage
            self.attribute = attribute
            self.subcode = subcode
        }

        var testDescription: String { name }
    }

    /// Beside a route in the field, with ORIGIN and AS_PATH. RFC 7606 §3 d, §7.3; RFC 4271 §6.3; RFC 9234 §5.
    static let faults = [
        Fault("NEXT_HOP missing", [], .treatAsWithdraw, attribute: 3, subcode: 3),
        Fault("NEXT_HOP missing beside MP_REACH_NLRI", [ipv6Routes], .treatAsWithdraw, attribute: 3, subcode: 3),
        Fault("NEXT_HOP of 5 octets", ["40 03 05 c000020100"], .treatAsWithdraw, attribute: 3, subcode: 5),
        Fault("NEXT_HOP optional", ["c0 03 04 c0000201"], .treatAsWithdraw, attribute: 3, subcode: 4),
        Fault("NEXT_HOP 0.0.0.0", ["40 03 04 00000000"], .treatAsWithdraw, attribute: 3, subcode: 8),
        Fault("NEXT_HOP 127.0.0.1", ["40 03 04 7f000001"], .treatAsWithdraw, attribute: 3, subcode: 8),
        Fault("NEXT_HOP 224.0.0.1", ["40 03 04 e0000001"], .treatAsWithdraw, attribute: 3, subcode: 8),
        Fault("NEXT_HOP 255.255.255.255", ["40 03 04 ffffffff"], .treatAsWithdraw, attribute: 3, subcode: 8),
        Fault("a second NEXT_HOP", [nextHop, "40 03 04 c0000202"], .attributeDiscard, attribute: 3, subcode: 1),
        Fault("OTC of 3 octets", [nextHop, "c0 23 03 00002a"], .treatAsWithdraw, attribute: 35, subcode: 5),
        Fault("OTC not transitive", [nextHop, "80 23 04 0000002a"], .treatAsWithdraw, attribute: 35, subcode: 4),
        Fault(
            "a second OTC", [nextHop, "c0 23 04 0000002a", "c0 23 04 0000002b"], .attributeDiscard, attribute: 35,
            subcode: 1),
    ]

    @Test(arguments: faults) func `an error in the attributes is one of the field's routes`(_ fault: Fault) throws {
        let attributes = ([UpdateText.origin, UpdateText.asPath] + fault.attributes).joined(separator: " ")
        let text = UpdateText.body(attributes, ipv4Routes: "10 0a01")
        let decoded = DecodedUpdate(body: text, context: Self.context)
        let severest = try required(decoded.severestFault)
        #expect(severest.damage == fault.damage && severest.attribute == fault.attribute)
        #expect(severest.notification.code == 3 && severest.notification.subcode == fault.subcode)
        #expect(decoded.furtherUpdates.isEmpty)
        if fault.damage == .treatAsWithdraw {
            #expect(try decoded.update.announced.isEmpty && decoded.update.withdrawn.contains(unicast("10.1.0.0/16")))
        } else {
            #expect(try decoded.update.attributes.nextHop == BGPNextHop(address("192.0.2.1")))
        }
    }

    @Test func `a next hop that is no host's means nothing without routes in the field`() throws {
        let text = UpdateText.body(Self.ipv6Routes, UpdateText.origin, UpdateText.asPath, "40 03 04 00000000")
        let decoded = DecodedUpdate(body: text, context: Self.context)
        #expect(try decoded.faults.isEmpty && decoded.update.announced == routes("2001:db8:1::/48"))
        #expect(try decoded.update.attributes.nextHop?.address == address("2001:db8::1"))
        // Of VPN routes a malformed OTC says nothing, of unicast ones in MP_REACH_NLRI it does.
        for (routes, damage) in [
            (UpdateText.reachable, UpdateDamage.attributeDiscard), (Self.ipv6Routes, .treatAsWithdraw),
        ] {
            let text = UpdateText.body(routes, UpdateText.origin, UpdateText.asPath, "c0 23 03 00002a")
            #expect(DecodedUpdate(body: text, context: Self.context).severestFault?.damage == damage)
        }
    }

    /// RFC 7606 §5.3: a field that cannot be read to its end hides routes.
    @Test(arguments: [
        ("21 0a00000100", ""), ("", "21 0a00000100"), ("18 0a01", ""), ("", "18 0a01"), ("", "10 0a01 20"),
    ]) func `lengths that cannot be reset the session`(withdrawn: String, announced: String) {
        let text = UpdateText.body(
            UpdateText.origin, UpdateText.asPath, Self.nextHop, withdrawn: withdrawn, ipv4Routes: announced)
        for context in [Self.context, externalContext] {
            let decoded = DecodedUpdate(body: text, context: context)
            #expect(decoded.severestFault?.damage == .sessionReset)
            #expect(decoded.severestFault?.notification == NotificationMessage(code: 3, subcode: 10))
            #expect(decoded.update == Update(withdrawing: []) && decoded.furtherUpdates.isEmpty)
        }
    }

    @Test func `a session that does not carry it passes its fields over`() {
        let decoded = DecodedUpdate(body: body(Captures.scapyIPv4Both), context: externalContext)
        #expect(decoded.faults.isEmpty && decoded.ignoredFamilies == [.ipv4Unicast])
        #expect(decoded.update == Update(announcing: [], attributes: decoded.update.attributes))
    }

    /// RFC 4724 §2: the UPDATE without anything, and nothing else.
    @Test func `its end of RIB is the empty message`() throws {
        let marker = UpdateEncoder.endOfRIB(.ipv4Unicast)
        // As scapy 2.5 makes it.
        #expect(marker == octets("ffffffffffffffffffffffffffffffff00170200000000"))
        #expect(DecodedUpdate(body: body(marker), context: Self.context).endOfRIB == .ipv4Unicast)
        let others = try [
            UpdateText.body(UpdateText.origin, UpdateText.asPath, Self.nextHop),
            UpdateText.body(withdrawn: "10 0a01"), UpdateText.body(UpdateText.origin, ipv4Routes: "10 0a01"),
            body(
                required(
                    UpdateEncoder(context: Self.context).messages(for: Update(withdrawing: [unicast("0.0.0.0/0")]))
                        .first)),
        ]
        for text in others { #expect(DecodedUpdate(body: text, context: Self.context).endOfRIB == nil) }
        // A speaker of RFC 8950 may end it like any other family.
        #expect(
            DecodedUpdate(body: UpdateText.body("80 0f 03 0001 01"), context: Self.context).endOfRIB == .ipv4Unicast)
    }

    @Test func `a next hop of IPv6 is taken and given where it was negotiated`() throws {
        let text = UpdateText.body(Self.extendedNextHop, UpdateText.origin, UpdateText.asPath)
        let decoded = DecodedUpdate(body: text, context: Self.context)
        #expect(try decoded.faults.isEmpty && decoded.update.announced == routes("10.1.0.0/16"))
        #expect(try decoded.update.attributes.nextHop == BGPNextHop(address("2001:db8::1")))
        let message = try required(UpdateEncoder(context: Self.context).messages(for: decoded.update).first)
        #expect(body(message).dropFirst(4).prefix(27) == octets(Self.extendedNextHop)[...])

        var plain = Self.context
        plain.extendedNextHops = []
        let refused = DecodedUpdate(body: text, context: plain)
        #expect(refused.severestFault?.damage == .familyDisable(.ipv4Unicast))
        #expect(refused.severestFault?.notification.subcode == 9 && refused.update == Update(withdrawing: []))
        #expect(throws: UpdateEncodingError.nextHopOfOtherFamily) {
            try UpdateEncoder(context: plain).messages(for: decoded.update)
        }
    }

    @Test func `what FRR sends is read as it meant it`() throws {
        let both = try routes("198.51.100.128/25", "203.0.113.0/24")
        let own = DecodedUpdate(body: body(Captures.frrIPv4), context: Self.context)
        #expect(own.faults.isEmpty && own.update.announced == both)
        #expect(try own.update.attributes.nextHop == BGPNextHop(address("10.99.0.2")))
        let linkLocal = try v6("fe80::8003:7ff:fe8a:7796")
        for (capture, expected) in try [
            (Captures.frrExtendedNextHop, both), (Captures.frrIPv6, routes("2001:db8:5::/48")),
        ] {
            let decoded = DecodedUpdate(body: body(capture), context: Self.context)
            #expect(decoded.faults.isEmpty && decoded.update.announced == expected)
            #expect(
                try decoded.update.attributes.nextHop == BGPNextHop(address("2001:db8:99::2"), linkLocal: linkLocal))
            // Ours differ in the lengths of lengths only.
            let again = try required(UpdateEncoder(context: Self.context).messages(for: decoded.update).first)
            #expect(DecodedUpdate(body: body(again), context: Self.context) == decoded)
        }
        for capture in [Captures.frrIPv4Withdrawal, Captures.frrExtendedWithdrawal] {
            let decoded = DecodedUpdate(body: body(capture), context: Self.context)
            #expect(try decoded.faults.isEmpty && decoded.update == Update(withdrawing: [unicast("203.0.113.0/24")]))
        }
    }

    @Test func `next hops of IPv6 are offered over IPv6 and hold where both sides do`() throws {
        let frr = try OpenMessage(body: body(Captures.frrOpenWithExtendedNextHop))
        #expect(frr.capabilities.contains(.extendedNextHop([.ipv4Unicast])))
        let peer = try address("2001:db8:99::2")
        func established(_ open: OpenMessage, over address: IPAddress) throws -> (ours: OpenMessage, NegotiatedSession)
        {
            var probe = SessionProbe {
                $0.address = address
                $0.families = [.ipv4Unicast, .ipv6Unicast]
            }
            _ = probe.handle(.start)
            var effects = probe.handle(.connected(ConnectionIdentifier(rawValue: 1), .local))
            let ours = try required(
                effects.compactMap { if case .send(_, let octets) = $0 { octets } else { nil } }.first)
            effects = probe.handle(.received(ConnectionIdentifier(rawValue: 1), open.encoded))
            effects += probe.handle(.received(ConnectionIdentifier(rawValue: 1), KeepaliveMessage.encoded))
            let session = effects.compactMap { if case .established(let session) = $0 { session } else { nil } }.first
            return (try OpenMessage(body: body(ours)), try required(session))
        }
        let (ours, session) = try established(frr, over: peer)
        #expect(ours.capabilities.contains(.extendedNextHop([.ipv4Unicast])))
        // RFC 8950 §4: AFI 1, SAFI 1 in two octets, next hops of AFI 2; the octets that FRR has.
        #expect(ours.encoded.contains(octets("05 06 0001 0001 0002")))
        #expect(session.extendedNextHops == [.ipv4Unicast] && session.families == [.ipv4Unicast, .ipv6Unicast])
        #expect(session.updateContext.extendedNextHops == [.ipv4Unicast])

        let without = SessionProbe.peerOpen(families: [.ipv4Unicast, .ipv6Unicast])
        #expect(try established(without, over: peer).1.extendedNextHops.isEmpty)
        let (overIPv4, plain) = try established(frr, over: SessionProbe.peer)
        #expect(!overIPv4.capabilities.contains { $0.code == 5 } && plain.extendedNextHops.isEmpty)
        // Not of a family that the session does not carry, and not where the next hop is of another kind.
        let others = SessionProbe.peerOpen(
            families: [.ipv6Unicast],
            capabilities: [.extendedNextHop([.ipv4Unicast]), .fourOctetAutonomousSystem(65001)])
        #expect(try established(others, over: peer).1.extendedNextHops.isEmpty)
    }

    /// Values of other lengths are those of a capability that the peer lacks (RFC 5492 §3); other next hops are passed over.
    @Test(arguments: [
        ("05 07 00010001000200", false), ("05 05 0001000100", false), ("05 06 000100010001", false),
        ("05 0c 000100010001 000100010002", true),
    ]) func `rows of the capability`(hexadecimal: String, isOffered: Bool) throws {
        let capability = octets(hexadecimal)
        let parameter = [2, UInt8(capability.count)] + capability
        let text = octets("04 fde9 005a c0000202") + [UInt8(parameter.count)] + parameter
        let families = try OpenMessage(body: text[...]).capabilities.flatMap {
            if case .extendedNextHop(let families) = $0 { families } else { [AddressFamilyIdentifier]() }
        }
        #expect(families == (isOffered ? [.ipv4Unicast] : []))
    }

    @Test(arguments: [4096, 65535]) func `routes fill messages to the octet`(longest: Int) throws {
        var context = Self.context
        context.extendedNextHops = []
        let all = try (0..<30000).map { number in
            let address = IPAddress.ipv4(IPv4Address(rawValue: 0x0A00_0000 + UInt32(number) * 256))
            return AnnouncedRoute(unicast: try required(IPPrefix(covering: address, length: 24)))
        }
        var attributes = PathAttributes(nextHop: BGPNextHop(try address("192.0.2.1")))
        attributes.asPath = ASPath(sequence: [42])
        let encoder = UpdateEncoder(context: context, longestMessageOctets: longest)
        let announcing = try encoder.messages(for: Update(announcing: all, attributes: attributes))
        // 23 octets of framing, 4 + 9 + 7 of the attributes, 4 for each route.
        let each = (longest - 23 - 20) / 4
        #expect(announcing.count == (all.count + each - 1) / each && announcing[0].count == 43 + 4 * each)
        let withdrawing = try encoder.messages(for: Update(withdrawing: all.map(\.nlri)))
        #expect(withdrawing.count == (all.count + (longest - 23) / 4 - 1) / ((longest - 23) / 4))
        let read = (announcing + withdrawing).map { DecodedUpdate(body: body($0), context: context).update }
        #expect(read.flatMap(\.announced) == all && read.flatMap(\.withdrawn) == all.map(\.nlri))
    }
}
