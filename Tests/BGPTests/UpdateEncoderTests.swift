import Addressing
import BGP
import Testing

@Suite struct UpdateEncoderTests {
    private func routes(_ count: UInt32) throws -> [AnnouncedRoute] {
        try (0..<count).map { number in
            let address = IPAddress.ipv4(IPv4Address(rawValue: 0x0A00_0000 + number * 256))
            return AnnouncedRoute(
                routeDistinguisher: try required(RouteDistinguisher("42:1")),
                prefix: try required(IPPrefix(covering: address, length: 24)), label: try label(1001))
        }
    }

    @Test func routesFillMessages() throws {
        let attributes = PathAttributes(
            asPath: ASPath(sequence: [42]), nextHop: BGPNextHop(try address("192.0.2.1")))
        let update = Update(announcing: try routes(10000), attributes: attributes)
        let messages = try UpdateEncoder(context: externalContext).messages(for: update)
        // 4096 - 19 - 4 of message, 4 + 17 of MP_REACH_NLRI, 4 + 9 of the others, 15 octets for a route.
        #expect(messages.count == (10000 + 268) / 269)
        #expect(messages.allSatisfy { $0.count <= 4096 })
        let longest = UpdateEncoder(context: externalContext, longestMessageOctets: 65535)
        #expect(try longest.messages(for: update).count == 3)
    }

    @Test func withdrawalsComeFirstAndFamiliesApart() throws {
        let attributes = PathAttributes(nextHop: BGPNextHop(try address("192.0.2.1")))
        let update = Update(
            announcing: [
                try route("42:1", "10.0.0.0/8", label: 1001), try route("42:1", "2001:db8::/32", label: 1001),
            ], attributes: attributes,
            withdrawing: [try vpn("42:2", "10.0.0.0/8"), try vpn("42:2", "2001:db8::/32")])
        let messages = try UpdateEncoder(context: externalContext).messages(for: update)
        let read = messages.map { DecodedUpdate(body: body($0), context: externalContext).update }
        #expect(read.map(\.withdrawn.count) == [1, 1, 0, 0])
        #expect(read.map(\.announced.count) == [0, 0, 1, 1])
    }

    @Test func familiesThatAreNotCarriedAreLeftOut() throws {
        var context = externalContext
        context.families = [.vpnIPv6]
        let update = Update(
            announcing: try routes(3), attributes: PathAttributes(nextHop: BGPNextHop(try address("192.0.2.1"))))
        #expect(try UpdateEncoder(context: context).messages(for: update).isEmpty)
    }

    @Test func whatCannotBeSaidIsAnError() throws {
        let encoder = UpdateEncoder(context: externalContext)
        #expect(throws: UpdateEncodingError.nextHopMissing) {
            try encoder.messages(for: Update(announcing: routes(1), attributes: PathAttributes()))
        }
        #expect(throws: UpdateEncodingError.nextHopOfOtherFamily) {
            let nextHop = BGPNextHop(try address("2001:db8::1"))
            return try encoder.messages(
                for: Update(announcing: routes(1), attributes: PathAttributes(nextHop: nextHop)))
        }
        #expect(throws: UpdateEncodingError.attributesTooLong) {
            var attributes = PathAttributes(nextHop: BGPNextHop(try address("192.0.2.1")))
            attributes.communities = (0..<1100).map(Community.init(rawValue:))
            return try encoder.messages(for: Update(announcing: routes(1), attributes: attributes))
        }
    }

    @Test func internalAttributesStayInside() throws {
        var attributes = PathAttributes(nextHop: BGPNextHop(try address("192.0.2.1")))
        attributes.localPreference = 200
        attributes.clusterList = [try v4("10.0.0.2")]
        attributes.extendedCommunities = [
            ExtendedCommunity(rawValue: 0x4002_002A_0000_0001), ExtendedCommunity(rawValue: 0x0002_002A_0000_0001),
        ]
        let update = Update(announcing: try routes(1), attributes: attributes)
        let message = try required(UpdateEncoder(context: externalContext).messages(for: update).first)
        let read = DecodedUpdate(body: body(message), context: internalContext).update.attributes
        #expect(read.localPreference == nil)
        #expect(read.clusterList.isEmpty)
        #expect(read.routeTargets.map(\.description) == ["42:1"])
        #expect(read.extendedCommunities.count == 1)
    }

    /// Each attribute's octets are those that scapy 2.5 makes of it.
    @Test func attributeOctetsAreThoseOfScapy() throws {
        var attributes = PathAttributes(nextHop: BGPNextHop(try address("192.0.2.1")))
        attributes.asPath = ASPath([.sequence([65001, 4_200_000_001]), .set([7, 9])])
        attributes.multiExitDiscriminator = 50
        attributes.localPreference = 200
        attributes.communities = [Community(rawValue: 65001 << 16 | 77)]
        attributes.originatorIdentifier = try v4("10.0.0.1")
        let update = Update(announcing: try routes(1), attributes: attributes)
        let message = try required(UpdateEncoder(context: internalContext).messages(for: update).first)
        let expected = octets(
            """
            40010100 40021402020000fde9fa56ea0101020000000700000009 80040400000032 400504000000c8 c00804fde9004d
            8009040a000001
            """)
        #expect(Array(message.suffix(expected.count)) == expected)
    }
}
