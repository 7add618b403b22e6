import BGP
import Testing

/// What of a stranger's attributes is read, and what may go on to another operator.
@Suite struct AttributePolicyTests {
    private func decode(_ attribute: String) -> DecodedUpdate {
        DecodedUpdate(
            body: UpdateText.body(UpdateText.reachable, UpdateText.origin, UpdateText.asPath, attribute),
            context: externalContext)
    }

    @Test func `OTC is checked and never kept on VPN routes`() {
        let sound = decode("c0 23 04 0000fde9")
        #expect(sound.faults.isEmpty)
        #expect(sound.update.attributes.unrecognized.isEmpty)
        #expect(!sound.update.announced.isEmpty)
    }

    /// `c0 23 03` made the speaker behind us reset its session.
    @Test(arguments: ["c0 23 03 0000fd", "c0 23 00", "80 23 04 0000fde9"])
    func `a malformed OTC is dropped and the route stands`(attribute: String) {
        let decoded = decode(attribute)
        #expect(decoded.severestFault?.damage == .attributeDiscard)
        #expect(decoded.update.attributes.unrecognized.isEmpty)
        #expect(!decoded.update.announced.isEmpty)
    }

    @Test func `ATTR_SET is kept as it came with its Partial bit`() throws {
        let decoded = decode("e0 80 0f 0000fe4c 400101 02 400504 0000012c")
        #expect(decoded.faults.isEmpty)
        let set = try #require(decoded.update.attributes.attributeSet)
        #expect(set.originAutonomousSystem == 65100)
        #expect(set.attributes == octets("400101 02 400504 0000012c"))
        #expect(set.partial)
        let messages = try UpdateEncoder(context: externalContext).messages(for: decoded.update)
        let again = DecodedUpdate(body: body(try #require(messages.first)), context: externalContext)
        #expect(again.update == decoded.update)
    }

    @Test func `ATTR_SET inside ATTR_SET is kept`() {
        let decoded = decode("c0 80 0f 0000fe4c c08008 0000002a 400101 00")
        #expect(decoded.faults.isEmpty)
        #expect(decoded.update.attributes.attributeSet?.attributes == octets("c08008 0000002a 400101 00"))
    }

    @Test(arguments: ["c0 23 04 0000fde9", "c0 28 03 000000", "c0 1a 01 00", "80 63 01 07"])
    func `what nobody can check is left out of ATTR_SET`(inner: String) {
        let length = String(4 + 4 + octets(inner).count, radix: 16)
        let decoded = decode("c0 80 \(length.count == 1 ? "0" : "")\(length) 0000fe4c 400101 00 \(inner)")
        #expect(decoded.faults.isEmpty)
        #expect(decoded.update.attributes.attributeSet?.attributes == octets("400101 00"))
    }

    /// RFC 7606 §7.16.
    @Test(arguments: [
        // Too short for its AS; cut inside an attribute; ORIGIN 3; ORIGIN twice; an unknown well-known attribute.
        "c0 80 03 0000fe", "c0 80 06 0000fe4c 4001", "c0 80 08 0000fe4c 400101 03",
        "c0 80 0c 0000fe4c 400101 00 400101 00", "c0 80 08 0000fe4c 406301 00",
        // With routes, with a next hop, not transitive.
        "c0 80 0a 0000fe4c 800f03 000180", "c0 80 0b 0000fe4c 400304 0a000001", "80 80 04 0000fe4c",
        // Five sets one in the other.
        "c0 80 20 0000fe4c c08019 0000fe4c c08012 0000fe4c c0800b 0000fe4c c08004 0000fe4c",
    ])
    func `a malformed ATTR_SET withdraws the routes`(attribute: String) {
        let decoded = decode(attribute)
        #expect(decoded.severestFault?.damage == .treatAsWithdraw)
        #expect(decoded.update.announced.isEmpty)
        #expect(!decoded.update.withdrawn.isEmpty)
    }

    @Test func `what is let through leaves with the Partial bit`() throws {
        let decoded = decode("c0 63 02 0102")
        let policy = AttributePolicy(passedTypeCodes: [99])
        let update = Update(
            announcing: decoded.update.announced, attributes: policy.withoutUnwanted(decoded.update.attributes))
        let message = try #require(UpdateEncoder(context: externalContext).messages(for: update).first)
        let again = DecodedUpdate(body: body(message), context: externalContext)
        #expect(
            again.update.attributes.unrecognized == [
                UnrecognizedAttribute(typeCode: 99, partial: true, value: [1, 2])
            ])
    }

    /// PMSI tunnel and PE distinguisher labels, which say nothing of VPN routes, tunnel encapsulation, AIGP with the transitive bit, Prefix-SID, and one that nobody knows.
    @Test(arguments: [
        "c0 16 01 00", "c0 16 05 00 0e 000000", "c0 1b 01 00", "c0 17 00", "c0 1a 03 010003", "c0 28 03 000000",
        "c0 63 01 00",
    ])
    func `what is not known to be wanted stops`(attribute: String) {
        let attributes = decode(attribute).update.attributes
        #expect(attributes.unrecognized.count == 1)
        #expect(AttributePolicy().withoutUnwanted(attributes).unrecognized.isEmpty)
        var contents = attributes.contents
        AttributePolicy().clean(&contents)
        #expect(contents.unrecognized.isEmpty)
    }

    /// RFC 6368 §5: what is in it and nobody here can check is left out, also what is read of MVPN routes alone; and it harms nothing.
    @Test(arguments: ["c0 16 09 00 06 003e91 0a00000b", "c0 16 05 00 0e 000000", "c0 1b 07 0a00000b 003e91"])
    func `tunnels of multicast inside ATTR_SET are left out`(attribute: String) throws {
        let value = "0000fde9 40 01 01 00 \(attribute)"
        let count = String(octets(value).count, radix: 16)
        let decoded = decode("c0 80 \(count) \(value)")
        #expect(decoded.faults.isEmpty)
        #expect(try required(decoded.update.attributes.attributeSet).attributes == octets("40 01 01 00"))
    }

    @Test func `of extended communities those go on that every operator needs`() {
        let wanted: [UInt64] = [
            0x0003_002A_0000_0001, 0x0103_0A00_0001_0001, 0x0203_0001_0000_0001, 0x0005_002A_0000_0001,
            0x0105_0A00_0001_0200, 0x0306_0000_0000_0100, 0x0107_0A00_0001_0000,
        ]
        // Route targets are the sender's own; opaque, encapsulation, color, router MAC, Source AS, VRF Route Import,
        // not transitive ones.
        let unwanted: [UInt64] = [
            0x0002_002A_0000_0001, 0x0308_0000_0000_0001, 0x030C_0000_0000_0008, 0x030B_0000_0000_0064,
            0x0603_0011_2233_4455, 0x0009_002A_0000_0000, 0x010B_0A00_0001_0001, 0x4003_002A_0000_0001,
            0x8005_002A_0000_0001,
        ]
        var contents = PathAttributes.Contents()
        contents.extendedCommunities = (wanted + unwanted).map(ExtendedCommunity.init(rawValue:))
        AttributePolicy().clean(&contents)
        #expect(contents.extendedCommunities.map(\.rawValue) == wanted)
    }
}
