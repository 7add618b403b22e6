import Addressing
import BGP
import SeededRandom
import Testing

/// L2VPN EVPN (RFC 7432): routes of each type against what GoBGP 3.10 and ExaBGP 4.2 write, and against the diagrams of the RFCs.
@Suite struct EVPNRouteTests {
    // Bodies of UPDATEs that GoBGP 3.10.0 has sent for `gobgp global rib add -a evpn …`.
    static let goBGPAutoDiscovery =
        "000000484001010240020040050400000064800e24001946047f0000010001190000002a0000000100112233445566778899000000070003e9"
        + "c010100002002a0000000106010000000007d2"
    static let goBGPMACs =
        "000000684001010240020040050400000064800e3c001946047f0000010002310000002a00000001000000000000000000000000000830"
        + "aabbccddee018020010db80000000000000000000000070003e9c010180002002a00000001030d000000000000030d000000000000"
    static let goBGPMulticast =
        "000000444001010240020040050400000064800e1c001946047f0000010003110000002a0000000100000007200a00000b"
        + "c010080002002a00000001c0160900060003eb0a00000b"
    static let goBGPPrefix =
        "000000614001010240020040050400000064800e45001946047f00000100053a0000002a000000010000000000000000000000000007"
        + "3020010db800090000000000000000000020010db80000000000000000000000090003ecc010080002002a00000001"

    struct Sample: Sendable, CustomTestStringConvertible {
        let kind: EVPNRoute.Kind
        /// Behind type and length.
        let value: String
        /// The same where what does not identify the route is zero, as in a withdrawal; `nil`: everything does.
        var withdrawn: String?
        let text: String
        var originator: String?
        var labels: [UInt32] = []

        var testDescription: String { text }
    }

    private static let rd = "0000002a00000001"
    private static let segment = "00112233445566778899"
    private static let noSegment = "00000000000000000000"
    private static let segmentText = "00:11:22:33:44:55:66:77:88:99"

    static let samples = [
        // ExaBGP: EthernetAD(42:1, ESI, 7, label 1001).
        Sample(
            kind: .ethernetAutoDiscovery, value: rd + segment + "00000007 003e91",
            withdrawn: rd + segment + "00000007 000000",
            text: "[1]:[\(segmentText)]:[7]", labels: [1001 << 4 | 1]),
        // ExaBGP: MAC(42:1, ESI, 7, aa:bb:cc:dd:ee:ff, label 1001, 10.1.2.3).
        Sample(
            kind: .macIPAdvertisement, value: rd + segment + "00000007 30 aabbccddeeff 20 0a010203 003e91",
            withdrawn: rd + noSegment + "00000007 30 aabbccddeeff 20 0a010203 000000",
            text: "[2]:[7]:[aa:bb:cc:dd:ee:ff]:[10.1.2.3]", labels: [1001 << 4 | 1]),
        // RFC 7432 §7.2: without an address, and with the second label.
        Sample(
            kind: .macIPAdvertisement, value: rd + segment + "00000007 30 aabbccddeeff 00 003e90 003ea1",
            withdrawn: rd + noSegment + "00000007 30 aabbccddeeff 00 000000", text: "[2]:[7]:[aa:bb:cc:dd:ee:ff]",
            labels: [1001 << 4, 1002 << 4 | 1]),
        // ExaBGP: Multicast(42:1, 7, 10.0.0.11).
        Sample(
            kind: .inclusiveMulticast, value: rd + "00000007 20 0a00000b", text: "[3]:[7]:[10.0.0.11]",
            originator: "10.0.0.11"),
        // ExaBGP: EthernetSegment(42:1, ESI, 10.0.0.11).
        Sample(
            kind: .ethernetSegment, value: rd + segment + "20 0a00000b", text: "[4]:[\(segmentText)]:[10.0.0.11]",
            originator: "10.0.0.11"),
        // ExaBGP: Prefix(42:1, ESI, 7, label 1004, 10.9.8.0/22 by 10.1.1.1).
        Sample(
            kind: .ipPrefix, value: rd + segment + "00000007 16 0a090800 0a010101 003ec1",
            withdrawn: rd + noSegment + "00000007 16 0a090800 00000000 000000", text: "[5]:[7]:[10.9.8.0/22]",
            labels: [1004 << 4 | 1]),
        // GoBGP: prefix 2001:db8:9::/48 by 2001:db8::9, label field 1004.
        Sample(
            kind: .ipPrefix,
            value: rd + noSegment
                + "00000007 30 20010db8000900000000000000000000 20010db8000000000000000000000009 0003ec",
            withdrawn: rd + noSegment
                + "00000007 30 20010db8000900000000000000000000 00000000000000000000000000000000 000000",
            text: "[5]:[7]:[2001:db8:9::/48]", labels: [1004]),
        // RFC 9251 §9.1 to §9.3: any source; the flags are no part of the key, nor is the response time.
        Sample(
            kind: .selectiveMulticast, value: rd + "00000007 00 20 e8000001 20 0a00000b 04",
            withdrawn: rd + "00000007 00 20 e8000001 20 0a00000b 00", text: "[6]:[7]:[*]:[232.0.0.1]:[10.0.0.11]",
            originator: "10.0.0.11"),
        Sample(
            kind: .membershipReportSynch, value: rd + segment + "00000007 20 0a010203 20 e8000001 20 0a00000b 04",
            withdrawn: rd + segment + "00000007 20 0a010203 20 e8000001 20 0a00000b 00",
            text: "[7]:[\(segmentText)]:[7]:[10.1.2.3]:[232.0.0.1]:[10.0.0.11]", originator: "10.0.0.11"),
        Sample(
            kind: .leaveSynch, value: rd + segment + "00000007 00 20 e8000001 20 0a00000b 00000000 0a 04",
            withdrawn: rd + segment + "00000007 00 20 e8000001 20 0a00000b 00000000 00 00",
            text: "[8]:[\(segmentText)]:[7]:[*]:[232.0.0.1]:[10.0.0.11]", originator: "10.0.0.11"),
        // RFC 9572 §3.1 to §3.3: a region; a flow; a leaf that answers that flow.
        Sample(
            kind: .perRegionIPMSI, value: rd + "00000007 0009002a00000001", text: "[9]:[7]:[00:09:00:2a:00:00:00:01]"),
        Sample(
            kind: .selectivePMSI, value: rd + "00000007 20 0a010203 20 e8000001 20 0a00000b",
            text: "[10]:[7]:[10.1.2.3]:[232.0.0.1]:[10.0.0.11]", originator: "10.0.0.11"),
        Sample(
            kind: .leafAutoDiscovery,
            value: "0a 1b" + rd + "00000007 20 0a010203 20 e8000001 20 0a00000b" + "20 0a00000c",
            text: "[11]:[10]:[7]:[10.1.2.3]:[232.0.0.1]:[10.0.0.11]:[10.0.0.12]", originator: "10.0.0.12"),
        // RFC 9574 §4: what a leaf of a replicator answers is said without type and length.
        Sample(
            kind: .leafAutoDiscovery, value: rd + "00000007 20 0a00000b" + "20 0a00000c",
            text: "[11]:[00:00:00:2a:00:00:00:01:00:00:00:07:20:0a:00:00:0b:20:0a:00:00:0c]:[10.0.0.12]",
            originator: "10.0.0.12"),
    ]

    /// RFC 7432 §7.2, RFC 9136 §3.1: of ExaBGP's and GoBGP's routes above, in the order of ``samples``.
    @Test(
        arguments: [
            (1, segmentText, nil), (5, segmentText, "10.1.1.1"), (6, nil, "2001:db8::9"), (0, nil, nil), (4, nil, nil),
            (3, nil, nil),
        ] as [(Int, String?, String?)])
    func `segment and gateway beside the key`(number: Int, segment: String?, gateway: String?) throws {
        let sample = Self.samples[number]
        let (route, attributes) = try required(EVPNRoute.reading(sample.kind, octets(sample.value)[...]))
        #expect(route.segment(in: attributes)?.description == segment)
        #expect(route.gateway(in: attributes)?.description == gateway)
        #expect(route.segment(in: nil) == nil && route.gateway(in: nil) == nil)
    }

    private static let context = internalContext.withEveryFamily

    private static func announcement(_ routes: String) -> ArraySlice<UInt8> {
        let value = "001946 04 0a00000b 00" + routes
        let count = String(octets(value).count, radix: 16)
        return UpdateText.body(
            "80 0e \(count.count == 1 ? "0" : "")\(count) \(value)", UpdateText.origin, UpdateText.asPath)
    }

    private static func wire(_ kind: UInt8, _ value: String) -> String {
        let head = [kind, UInt8(octets(value).count)].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return head + value
    }

    @Test func `every type has a sample`() {
        #expect(Set(Self.samples.map(\.kind)) == Set(EVPNRoute.Kind.allCases))
    }

    @Test(arguments: samples) func `routes are read, written and told in words`(sample: Sample) throws {
        let decoded = DecodedUpdate(
            body: Self.announcement(Self.wire(sample.kind.rawValue, sample.value)), context: Self.context)
        #expect(decoded.faults.isEmpty)
        let update = decoded.update
        guard case .evpn(let route)? = update.announced.first?.nlri else {
            Issue.record("no EVPN route")
            return
        }
        #expect(route.kind == sample.kind && route.description == sample.text)
        #expect(route.routeDistinguisher == RouteDistinguisher("42:1"))
        #expect(route.originator == (try sample.originator.map { try address($0) }))
        #expect(route.labelFields(in: update.attributes.evpn) == sample.labels)
        let messages = try UpdateEncoder(context: Self.context).messages(for: update)
        #expect(try required(messages.first).suffixContains(octets(Self.wire(sample.kind.rawValue, sample.value))))
        // As text that a page of routes may end with.
        let nlri = NLRI.evpn(route)
        #expect(try NLRI(octets: required(nlri.octets), .evpn) == nlri)
    }

    @Test(arguments: samples) func `a withdrawal names the route by what identifies it`(sample: Sample) throws {
        let announced = DecodedUpdate(
            body: Self.announcement(Self.wire(sample.kind.rawValue, sample.value)), context: Self.context)
        let nlri = try required(announced.update.announced.first).nlri
        let messages = try UpdateEncoder(context: Self.context).messages(for: Update(withdrawing: [nlri]))
        let expected = octets(Self.wire(sample.kind.rawValue, sample.withdrawn ?? sample.value))
        #expect(try required(messages.first).suffixContains(expected))
        #expect(
            DecodedUpdate(body: body(try required(messages.first)), context: Self.context).update.withdrawn == [nlri])
        // With whatever labels it is said.
        let value = "001946" + Self.wire(sample.kind.rawValue, sample.value)
        let count = String(octets(value).count, radix: 16)
        let withdrawn = DecodedUpdate(
            body: UpdateText.body("80 0f \(count) \(value)"), context: Self.context)
        #expect(withdrawn.update.withdrawn == [nlri])
    }

    @Test func `routes that another label or segment makes no others are told apart by attributes`() throws {
        let first = Self.wire(2, Self.rd + Self.segment + "00000007 30 aabbccddeeff 00 003e91")
        let second = Self.wire(2, Self.rd + Self.segment + "00000007 30 aabbccddee01 00 003e91")
        let third = Self.wire(2, Self.rd + Self.noSegment + "00000007 30 aabbccddeeff 00 003ea1")
        let decoded = DecodedUpdate(body: Self.announcement(first + second + third), context: Self.context)
        let updates = [decoded.update] + decoded.furtherUpdates
        #expect(updates.map(\.announced.count) == [2, 1])
        #expect(updates[0].announced[0].nlri == updates[1].announced[0].nlri)
        #expect(updates[0].attributes != updates[1].attributes)
        #expect(updates[0].attributes.nextHop == updates[1].attributes.nextHop)
    }

    @Test func `what GoBGP sends is understood`() throws {
        func read(_ text: String) throws -> Update {
            let decoded = DecodedUpdate(body: octets(text)[...], context: Self.context)
            #expect(decoded.faults.isEmpty && decoded.furtherUpdates.isEmpty)
            return decoded.update
        }
        let segment = try read(Self.goBGPAutoDiscovery)
        #expect(segment.attributes.extendedCommunities.map(\.description) == ["rt 42:1", "esi-label 125"])
        let address = try read(Self.goBGPMACs)
        #expect(address.announced.map(\.description) == ["42:1:[2]:[8]:[aa:bb:cc:dd:ee:01]:[2001:db8::7]"])
        #expect(address.attributes.extendedCommunities.last?.description == "default-gateway")
        let multicast = try read(Self.goBGPMulticast)
        let tunnel = try required(multicast.attributes.pmsiTunnel)
        // GoBGP writes the label as if it were a VNI.
        #expect(tunnel.kind == .ingressReplication && tunnel.labelField == 1003)
        #expect(tunnel.identifier == [10, 0, 0, 11])
        #expect(try read(Self.goBGPPrefix).announced.map(\.description) == ["42:1:[5]:[7]:[2001:db8:9::/48]"])
    }

    /// RFC 7606 §5.4: discarded, and nothing else happens.
    @Test func `a type that nobody knows is passed over`() throws {
        let routes = Self.wire(200, "01020304") + Self.wire(3, Self.rd + "00000007 20 0a00000b") + Self.wire(12, "")
        let decoded = DecodedUpdate(body: Self.announcement(routes), context: Self.context)
        #expect(decoded.faults.isEmpty && decoded.routesOfUnknownType == 2)
        #expect(decoded.update.announced.count == 1)
    }

    /// RFC 7606 §5.3, RFC 9136 §3.1: it is known which route is meant, so it is withdrawn, and costs no other.
    @Test(arguments: [
        "01 18 0000002a00000001 00112233445566778899 00000007 003e",
        "02 20 0000002a00000001 00112233445566778899 00000007 30 aabbccddeeff 00 003e",
        "02 25 0000002a00000001 00112233445566778899 00000007 30 aabbccddeeff 00 003e91 003e91 00",
        "06 17 0000002a00000001 00000007 00 20 e8000001 20 0a00000b",
    ]) func `a route that is wrong behind its key is withdrawn`(route: String) throws {
        let good = Self.wire(3, Self.rd + "00000007 20 0a00000b")
        let decoded = DecodedUpdate(body: Self.announcement(good + route + good), context: Self.context)
        #expect(decoded.faults.map(\.damage) == [.routeWithdraw] && decoded.malformedRoutes == 1)
        #expect(decoded.update.announced.count == 2 && decoded.update.withdrawn.count == 1)
        let withdrawal = "001946" + route
        let count = String(octets(withdrawal).count, radix: 16)
        let withdrawn = DecodedUpdate(body: UpdateText.body("80 0f \(count) \(withdrawal)"), context: Self.context)
        #expect(withdrawn.update.withdrawn == decoded.update.withdrawn)
    }

    /// RFC 7606 §5.3: nobody can say which route it is.
    @Test(arguments: [
        "01 00",
        // A MAC address of 40 bits, an IPv4 address of 24.
        "02 20 0000002a00000001 00112233445566778899 00000007 28 aabbccddee 00 003e91",
        "02 24 0000002a00000001 00112233445566778899 00000007 30 aabbccddeeff 18 0a0102 003e91",
        // No originator, and one with something behind it.
        "03 0d 0000002a00000001 00000007 00", "04 13 0000002a00000001 00112233445566778899 00",
        "03 12 0000002a00000001 00000007 20 0a00000b 00",
        // RFC 9136 §3.1: 33 bits of 32.
        "05 22 0000002a00000001 00000000000000000000 00000007 21 0a090800 0a010101 003ec1",
        // Less than a route distinguisher and an address.
        "0b 0c 0000002a00000001 0a00000c",
    ]) func `a route that nobody can name disables the family`(route: String) throws {
        let good = Self.wire(3, Self.rd + "00000007 20 0a00000b")
        let decoded = DecodedUpdate(body: Self.announcement(good + route + good), context: Self.context)
        #expect(decoded.faults.map(\.damage) == [.familyDisable(.evpn)])
        #expect(decoded.update == Update(withdrawing: []))
    }

    /// One message could be full of them: they cost no more than others.
    @Test func `thousands of malformed routes are one fault without octets`() throws {
        let routes = String(repeating: Self.wire(1, Self.rd + Self.segment + "00000007"), count: 2000)
        let value = octets("001946 04 0a00000b 00" + routes)
        let size = String(value.count, radix: 16)
        let text = String(repeating: "0", count: 4 - size.count) + size
        var message = octets("90 0e \(text)") + value
        message += octets(UpdateText.origin) + octets(UpdateText.asPath)
        let body = octets("0000") + [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
        let decoded = DecodedUpdate(body: body[...], context: Self.context)
        #expect(decoded.malformedRoutes == 2000 && decoded.faults.map(\.damage) == [.routeWithdraw])
        #expect(decoded.faults[0].notification.data.isEmpty)
    }

    /// RFC 6515 §1.1: an address in the IPv4-mapped form is meant as it is.
    @Test func `a mapped next hop goes on as it came`() throws {
        let value = "001946 10 00000000000000000000ffffc0000201 00" + Self.wire(3, Self.rd + "00000007 20 0a00000b")
        let count = String(octets(value).count, radix: 16)
        let attribute = "80 0e \(count) \(value)"
        let decoded = DecodedUpdate(
            body: UpdateText.body(attribute, UpdateText.origin, UpdateText.asPath), context: Self.context)
        let message = try required(UpdateEncoder(context: Self.context).messages(for: decoded.update).first)
        #expect(message.suffixContains(octets(attribute)))
    }

    @Test func `random routes are read back`() throws {
        var generator = SeededGenerator(seed: 70)
        for _ in 0..<2000 {
            let kind = try required(EVPNRoute.Kind.allCases.randomElement(using: &generator))
            let (route, attributes) = try generator.evpnRoute(kind)
            var contents = PathAttributes.Contents(nextHop: BGPNextHop(try address("10.0.0.11")))
            contents.evpn = attributes
            let update = Update(announcing: [AnnouncedRoute(route)], attributes: PathAttributes(contents))
            let message = try required(try UpdateEncoder(context: Self.context).messages(for: update).first)
            let read = DecodedUpdate(body: body(message), context: Self.context)
            #expect(read.faults.isEmpty && read.update.announced == update.announced)
            #expect(read.update.attributes.evpn == attributes)
            #expect(route.routeDistinguisher.description.isEmpty == false && !route.description.isEmpty)
        }
    }
}

extension [UInt8] {
    /// Whether the octets stand in it one behind the other.
    func suffixContains(_ octets: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: octets) }
    }
}
