import Addressing
import BGP
import Testing

/// RFC 8277 §2: one label with a route, or several where both sides have said so.
@Suite struct MultipleLabelsTests {
    private static let family = AddressFamilyIdentifier.ipv4LabeledUnicast

    private func decode(_ routes: String, several: Bool) -> DecodedUpdate {
        var context = externalContext.withEveryFamily
        context.multipleLabels = several ? [Self.family] : []
        let value = octets("0001 04 04 c0000201 00" + routes)
        let attribute =
            "80 0e "
            + ([UInt8(value.count)] + value).map { "\(String($0 >> 4, radix: 16))\(String($0 & 15, radix: 16))" }
            .joined()
        return DecodedUpdate(body: UpdateText.body(attribute, UpdateText.origin, UpdateText.asPath), context: context)
    }

    private func route(_ text: String, _ labels: UInt32...) throws -> AnnouncedRoute {
        let labels = try labels.map { try label($0) }
        return AnnouncedRoute(labeledUnicast: try required(IPPrefix(text)), labels: try required(LabelStack(labels)))
    }

    /// §2.3: the S bit ends the labels, whatever the length of the prefix.
    @Test(
        arguments: [
            ("50 03e870 007d11 0a000007", "10.0.0.7/32", [16007, 2001]),
            ("38 03e870 007d11 0a", "10.0.0.0/8", [16007, 2001]), ("30 03e870 007d11", "0.0.0.0/0", [16007, 2001]),
            ("38 03e871 0a000007", "10.0.0.7/32", [16007]),
            ("68 000100 000110 007d11 0a000007", "10.0.0.7/32", [16, 17, 2001]),
        ] as [(String, String, [UInt32])]) func `several labels end with the S bit`(
            octets: String, prefix: String, numbers: [UInt32]
        ) throws
    {
        let decoded = decode(octets, several: true)
        #expect(decoded.faults.isEmpty)
        let labels = try required(LabelStack(try numbers.map { try label($0) }))
        #expect(
            try decoded.update.announced == [
                AnnouncedRoute(labeledUnicast: required(IPPrefix(prefix)), labels: labels)
            ])
    }

    /// The same in front of a route distinguisher, in either family: the labels are not told from the rest by its length.
    @Test(
        arguments: [
            ("0001 80 0c 0000000000000000c0000201 00", "88 007cf0 0c3511 0000002a00000002 0a0200", "10.2.0.0/24"),
            ("0001 80 0c 0000000000000000c0000201 00", "70 007cf0 0c3511 0000002a00000002", "0.0.0.0/0"),
            (
                "0002 80 18 0000000000000000 00000000000000000000ffffc0000201 00",
                "b0 007cf0 0c3511 0000002a00000002 fd00000200000000", "fd00:2::/64"
            ),
        ]) func `VPN routes have several as well`(head: String, route: String, prefix: String) throws
    {
        var context = externalContext.withEveryFamily
        context.multipleLabels = [.vpnIPv4, .vpnIPv6]
        let value = octets(head + route)
        let attribute =
            "80 0e " + ([UInt8(value.count)] + value).map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
        let decoded = DecodedUpdate(
            body: UpdateText.body(attribute, UpdateText.origin, UpdateText.asPath), context: context)
        #expect(decoded.faults.isEmpty)
        let labels = try required(LabelStack([try label(1999), try label(50001)]))
        let vpn = VPNPrefix(
            routeDistinguisher: try required(RouteDistinguisher("42:2")), prefix: try required(IPPrefix(prefix)))
        #expect(decoded.update.announced == [AnnouncedRoute(vpn, labels: labels)])
    }

    /// RFC 7606 §5.3: without the last label the route, and what is behind it, cannot be read.
    @Test(arguments: ["38 03e870 0a000006", "18 03e870", "50 03e870 007d10 0a000006", "17 03e8"])
    func `labels without an end disable the family`(octets: String) {
        #expect(decode(octets, several: true).severestFault?.damage == .familyDisable(Self.family))
    }

    /// §2.2: there is one label, and its S bit is ignored.
    @Test func `without the capability a label has no other behind it`() throws {
        let decoded = decode("38 03e870 0a000007 38 03e871 0a000008", several: false)
        #expect(decoded.faults.isEmpty)
        #expect(try decoded.update.announced == [route("10.0.0.7/32", 16007), route("10.0.0.8/32", 16007)])
        // What is longer than any prefix can be has more of them; it is for routing to refuse, and the next route is read.
        let two = decode("50 03e870 007d11 0a000007 38 03e871 0a000008", several: false)
        #expect(two.faults.isEmpty)
        #expect(try two.update.announced == [route("10.0.0.7/32", 16007, 2001), route("10.0.0.8/32", 16007)])
    }

    // MARK: The capability (§2.1)

    private func established(_ open: OpenMessage, offering families: [AddressFamilyIdentifier]) throws -> (
        ours: OpenMessage, session: NegotiatedSession
    ) {
        var probe = SessionProbe { $0.families = families }
        _ = probe.handle(.start)
        var effects = probe.handle(.connected(ConnectionIdentifier(rawValue: 1), .local))
        let ours = try required(effects.compactMap { if case .send(_, let octets) = $0 { octets } else { nil } }.first)
        effects = probe.handle(.received(ConnectionIdentifier(rawValue: 1), open.encoded))
        effects += probe.handle(.received(ConnectionIdentifier(rawValue: 1), KeepaliveMessage.encoded))
        let session = effects.compactMap { if case .established(let session) = $0 { session } else { nil } }.first
        return (try OpenMessage(body: body(ours)), try required(session))
    }

    @Test func `it is offered for labelled unicast, and holds where both sides have it`() throws {
        let families: [AddressFamilyIdentifier] = [.ipv4LabeledUnicast, .ipv6LabeledUnicast, .vpnIPv4]
        let open = SessionProbe.peerOpen(
            families: families,
            capabilities: [
                .multipleLabels([MultipleLabels(.ipv4LabeledUnicast, count: 5), MultipleLabels(.vpnIPv4, count: 5)]),
                .fourOctetAutonomousSystem(65001),
            ])
        let (ours, session) = try established(open, offering: families)
        // AFI, SAFI and count of each.
        #expect(ours.encoded.contains(octets("08 08 0001 04 02 0002 04 02")))
        #expect(session.multipleLabels == [.ipv4LabeledUnicast])
        #expect(session.updateContext.multipleLabels == [.ipv4LabeledUnicast])
        let without = SessionProbe.peerOpen(families: families)
        #expect(try established(without, offering: families).session.multipleLabels.isEmpty)
        #expect(
            try !established(SessionProbe.peerOpen(families: [.vpnIPv4]), offering: [.vpnIPv4]).ours.capabilities
                .contains { $0.code == 8 })
    }

    /// A count of 0 or 1 is ignored, so are further rows of a family; a value of another length is no capability.
    @Test(
        arguments: [
            ("08 04 00010402", [MultipleLabels(.ipv4LabeledUnicast, count: 2)]), ("08 04 00010401", []),
            ("08 04 00010400", []), ("08 00", []),
            ("08 08 00010403 00010404", [MultipleLabels(.ipv4LabeledUnicast, count: 3)]),
            ("08 08 00010401 000204ff", [MultipleLabels(.ipv6LabeledUnicast, count: 255)]), ("08 05 0001040200", nil),
        ] as [(String, [MultipleLabels]?)]) func `rows of the capability`(hexadecimal: String, rows: [MultipleLabels]?)
        throws
    {
        let capability = octets(hexadecimal)
        let parameter = [2, UInt8(capability.count)] + capability
        let text = octets("04 fde9 005a c0000202") + [UInt8(parameter.count)] + parameter
        let read = try OpenMessage(body: text[...]).capabilities.compactMap { capability in
            if case .multipleLabels(let rows) = capability { rows } else { nil }
        }
        #expect(read == (rows.map { [$0] } ?? []))
    }

    @Test func `of two capabilities the first counts`() throws {
        let open = SessionProbe.peerOpen(
            families: [.ipv4LabeledUnicast, .ipv6LabeledUnicast],
            capabilities: [
                .multipleLabels([MultipleLabels(.ipv6LabeledUnicast, count: 2)]),
                .multipleLabels([MultipleLabels(.ipv4LabeledUnicast, count: 2)]), .fourOctetAutonomousSystem(65001),
            ])
        let session = try established(open, offering: [.ipv4LabeledUnicast, .ipv6LabeledUnicast]).session
        #expect(session.multipleLabels == [.ipv6LabeledUnicast])
    }
}
