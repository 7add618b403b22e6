import Addressing
import BGP
import Testing

/// RFC 7606: for each error, the damage and the code that RFC 4271 §6.3 gives it.
@Suite struct AttributeErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// The attribute at fault, beside ORIGIN, AS_PATH and a route.
        let attribute: String
        let damage: UpdateDamage
        let subcode: UInt8

        init(_ name: String, _ attribute: String, _ damage: UpdateDamage, subcode: UInt8) {
            self.name = name
            self.attribute = attribute
            self.damage = damage
            self.subcode = subcode
        }

        var testDescription: String { name }
    }

    static let internalCases = [
        Case("MED of 3 octets", "80 04 03 000001", .treatAsWithdraw, subcode: 5),
        Case("MED with the transitive bit", "c0 04 04 00000001", .treatAsWithdraw, subcode: 4),
        Case("LOCAL_PREF of 5 octets", "40 05 05 0000000001", .treatAsWithdraw, subcode: 5),
        Case("LOCAL_PREF optional", "c0 05 04 00000001", .treatAsWithdraw, subcode: 4),
        Case("NEXT_HOP of 5 octets", "40 03 05 0a00000101", .treatAsWithdraw, subcode: 5),
        Case("ATOMIC_AGGREGATE with a value", "40 06 01 00", .attributeDiscard, subcode: 5),
        Case("ATOMIC_AGGREGATE optional", "c0 06 00", .treatAsWithdraw, subcode: 4),
        Case(
            "AGGREGATOR of 6 octets between speakers of 4-octet AS", "c0 07 06 002a0a000001", .attributeDiscard,
            subcode: 5),
        Case("AGGREGATOR of AS 0", "c0 07 08 00000000 0a000001", .attributeDiscard, subcode: 5),
        Case("COMMUNITIES of 6 octets", "c0 08 06 002a00010002", .treatAsWithdraw, subcode: 5),
        Case("COMMUNITIES empty", "c0 08 00", .treatAsWithdraw, subcode: 5),
        Case("COMMUNITIES not transitive", "80 08 04 002a0001", .treatAsWithdraw, subcode: 4),
        Case("ORIGINATOR_ID of 3 octets", "80 09 03 0a0000", .treatAsWithdraw, subcode: 5),
        Case("CLUSTER_LIST empty", "80 0a 00", .treatAsWithdraw, subcode: 5),
        Case("CLUSTER_LIST of 5 octets", "80 0a 05 0a00000101", .treatAsWithdraw, subcode: 5),
        Case("EXTENDED_COMMUNITIES of 7 octets", "c0 10 07 0002002a000000", .treatAsWithdraw, subcode: 5),
        Case("EXTENDED_COMMUNITIES empty", "c0 10 00", .treatAsWithdraw, subcode: 5),
        Case("LARGE_COMMUNITY of 8 octets", "c0 20 08 0000002a00000001", .treatAsWithdraw, subcode: 5),
        Case("LARGE_COMMUNITY empty", "c0 20 00", .treatAsWithdraw, subcode: 5),
        Case("AS4_PATH from a speaker of 4-octet AS", "c0 11 06 0201 0000002a", .attributeDiscard, subcode: 9),
        Case(
            "AS4_AGGREGATOR from a speaker of 4-octet AS", "c0 12 08 0000002a 0a000001", .attributeDiscard, subcode: 9),
        Case("a second ORIGIN", "40 01 01 01", .attributeDiscard, subcode: 1),
        Case("a second MP_REACH_NLRI", UpdateText.reachable, .sessionReset, subcode: 1),
        Case("an unknown well-known attribute", "40 63 01 00", .sessionReset, subcode: 2),
        Case("an attribute longer than the rest", "c0 08 ff 002a0001", .treatAsWithdraw, subcode: 1),
        Case("a lone octet", "c0", .treatAsWithdraw, subcode: 1),
        Case("MP_UNREACH_NLRI of 2 octets", "80 0f 02 0001", .sessionReset, subcode: 9),
        Case(
            "MP_UNREACH_NLRI with the transitive bit", "c0" + UpdateText.unreachable.dropFirst(2), .treatAsWithdraw,
            subcode: 4),
        Case(
            "MP_UNREACH_NLRI with a prefix of 33 bits", "80 0f 14 0001 80 79 800000 0000002a00000001 0a02000080",
            .familyDisable(.vpnIPv4), subcode: 9),
        Case(
            "MP_UNREACH_NLRI cut inside a route", "80 0f 10 0001 80 68 800000 0000002a00000001 0a",
            .familyDisable(.vpnIPv4), subcode: 9),
    ]

    @Test(arguments: internalCases)
    func damageOfOneAttribute(_ bad: Case) throws {
        let text = UpdateText.body(UpdateText.reachable, UpdateText.origin, UpdateText.asPath, bad.attribute)
        let decoded = DecodedUpdate(body: text, context: internalContext)
        #expect(decoded.severestFault?.damage == bad.damage)
        #expect(decoded.severestFault?.notification.code == 3)
        #expect(decoded.severestFault?.notification.subcode == bad.subcode)
        try expectRoutes(of: decoded, after: bad.damage)
    }

    static let replacements = [
        Case("ORIGIN 3", "40 01 01 03", .treatAsWithdraw, subcode: 6),
        Case("ORIGIN of 2 octets", "40 01 02 0000", .treatAsWithdraw, subcode: 5),
        Case("ORIGIN optional", "c0 01 01 00", .treatAsWithdraw, subcode: 4),
        Case("ORIGIN missing", "", .treatAsWithdraw, subcode: 3),
    ]

    @Test(arguments: replacements)
    func damageOfOrigin(_ bad: Case) throws {
        let text = UpdateText.body(UpdateText.reachable, bad.attribute, UpdateText.asPath)
        let decoded = DecodedUpdate(body: text, context: externalContext)
        #expect(decoded.severestFault?.damage == bad.damage)
        #expect(decoded.severestFault?.notification.subcode == bad.subcode)
        try expectRoutes(of: decoded, after: bad.damage)
    }

    static let paths = [
        Case("segment type 3", "40 02 06 03 01 0000fde9", .treatAsWithdraw, subcode: 11),
        Case("empty segment", "40 02 02 02 00", .treatAsWithdraw, subcode: 11),
        Case("segment overruns", "40 02 06 02 02 0000fde9", .treatAsWithdraw, subcode: 11),
        Case("octet left over", "40 02 07 02 01 0000fde9 02", .treatAsWithdraw, subcode: 11),
        Case("AS 0", "40 02 06 02 01 00000000", .treatAsWithdraw, subcode: 11),
        Case("AS_PATH missing", "", .treatAsWithdraw, subcode: 3),
    ]

    @Test(arguments: paths)
    func damageOfASPath(_ bad: Case) throws {
        let text = UpdateText.body(UpdateText.reachable, UpdateText.origin, bad.attribute)
        let decoded = DecodedUpdate(body: text, context: externalContext)
        #expect(decoded.severestFault?.damage == bad.damage)
        #expect(decoded.severestFault?.notification.subcode == bad.subcode)
        try expectRoutes(of: decoded, after: bad.damage)
    }

    static let routes = [
        Case("shorter than its next hop", "80 0e 06 0001 80 0c 0000", .sessionReset, subcode: 9),
        Case("4 octets", "80 0e 04 0001 80 0c", .sessionReset, subcode: 9),
        Case(
            "next hop of 4 octets", "80 0e 17 0001 80 04 c0000201 00 68 003e91 0000002a00000001 0a01",
            .familyDisable(.vpnIPv4), subcode: 9),
        Case(
            "VPN-IPv6 with a next hop of 12 octets",
            "80 0e 1f 0002 80 0c 0000000000000000 c0000201 00 68 003e91 0000002a00000001 0a01",
            .familyDisable(.vpnIPv6), subcode: 9),
        Case(
            "route without room for a label", "80 0e 14 0001 80 0c 0000000000000000 c0000201 00 10 003e",
            .familyDisable(.vpnIPv4), subcode: 9),
        Case(
            "prefix of 33 bits",
            "80 0e 22 0001 80 0c 0000000000000000 c0000201 00 79 003e91 0000002a00000001 0a01000000",
            .familyDisable(.vpnIPv4), subcode: 9),
    ]

    @Test(arguments: routes)
    func damageOfReachableRoutes(_ bad: Case) {
        let text = UpdateText.body(bad.attribute, UpdateText.origin, UpdateText.asPath)
        let decoded = DecodedUpdate(body: text, context: externalContext)
        #expect(decoded.severestFault?.damage == bad.damage)
        #expect(decoded.severestFault?.notification.subcode == bad.subcode)
        #expect(decoded.update.announced.isEmpty)
    }

    static let framings = [
        ("0000", UInt8(1)), ("0001 0000", 1), ("0000 0001", 1), ("0005 20 0a000001 ff 0000", 1),
        ("0002 20 0a 0000", 10), ("0000 0000 21 0a00000100", 10),
    ]

    @Test(arguments: framings)
    func brokenFramingResetsTheSession(hexadecimal: String, subcode: UInt8) {
        let decoded = DecodedUpdate(body: octets(hexadecimal)[...], context: externalContext)
        #expect(decoded.severestFault?.damage == .sessionReset)
        #expect(decoded.severestFault?.notification.subcode == subcode)
        #expect(decoded.update == Update(withdrawing: []))
    }

    /// RFC 7606 §5.2: with attributes broken and no route in sight, the routes may have been lost.
    @Test func errorWithoutRoutesResetsTheSession() {
        let text = UpdateText.body(UpdateText.origin, UpdateText.asPath, "80 04 03 000001")
        #expect(DecodedUpdate(body: text, context: externalContext).severestFault?.damage == .sessionReset)
    }

    @Test func internalAttributesOfAnExternalPeerAreDiscardedUnread() throws {
        let text = UpdateText.body(
            UpdateText.reachable, UpdateText.origin, UpdateText.asPath, "40 05 01 00", "80 09 01 00", "80 0a 00")
        let decoded = DecodedUpdate(body: text, context: externalContext)
        #expect(decoded.faults.map(\.damage) == [.attributeDiscard, .attributeDiscard, .attributeDiscard])
        #expect(decoded.update.announced.count == 1)
        #expect(decoded.update.attributes.localPreference == nil)
    }

    @Test func unknownOptionalAttributesAreKeptOrDropped() {
        let text = UpdateText.body(
            UpdateText.reachable, UpdateText.origin, UpdateText.asPath, "e0 63 02 0102", "c0 28 01 07", "80 64 01 00")
        let decoded = DecodedUpdate(body: text, context: externalContext)
        #expect(decoded.faults.isEmpty)
        #expect(
            decoded.update.attributes.unrecognized == [
                UnrecognizedAttribute(typeCode: 0x28, partial: false, value: [7]),
                UnrecognizedAttribute(typeCode: 0x63, partial: true, value: [1, 2]),
            ])
    }

    @Test func familiesThatAreNotCarriedArePassedOver() {
        var context = externalContext
        context.families = [.vpnIPv6]
        let text = UpdateText.body(UpdateText.reachable, UpdateText.unreachable, UpdateText.origin, UpdateText.asPath)
        let decoded = DecodedUpdate(body: text, context: context)
        #expect(decoded.faults.isEmpty)
        #expect(decoded.ignoredFamilies == [.vpnIPv4])
        #expect(decoded.update.announced.isEmpty && decoded.update.withdrawn.isEmpty)
    }

    private func expectRoutes(of decoded: DecodedUpdate, after damage: UpdateDamage) throws {
        let prefix = try vpn("42:1", "10.1.0.0/16")
        switch damage {
        case .attributeDiscard, .routeWithdraw: #expect(decoded.update.announced.map(\.nlri) == [prefix])
        case .treatAsWithdraw:
            #expect(decoded.update.announced.isEmpty)
            #expect(decoded.update.withdrawn.contains(prefix))
        case .familyDisable, .sessionReset: #expect(decoded.update == Update(withdrawing: []))
        }
    }
}
