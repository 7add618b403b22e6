import Addressing
import BGP
import Testing

/// What other implementations send is read as they meant it.
@Suite struct UpdateCaptureTests {
    @Test func goBGPAnnouncesIPv4() throws {
        let decoded = DecodedUpdate(body: body(Captures.goBGPAnnouncementIPv4), context: externalContext)
        #expect(decoded.faults.isEmpty && decoded.endOfRIB == nil)
        #expect(try decoded.update.announced == [route("65002:1", "203.0.113.0/24", label: 2001)])
        #expect(decoded.update.withdrawn.isEmpty)
        let attributes = decoded.update.attributes
        #expect(attributes.origin == .incomplete)
        #expect(attributes.asPath == ASPath(sequence: [65002]))
        #expect(try attributes.nextHop == BGPNextHop(address("10.99.0.2")))
        #expect(attributes.routeTargets.map(\.description) == ["42:1"])
    }

    @Test func goBGPAnnouncesIPv6() throws {
        let decoded = DecodedUpdate(body: body(Captures.goBGPAnnouncementIPv6), context: externalContext)
        #expect(try decoded.update.announced == [route("65002:1", "2001:db8:2::/48", label: 2002)])
        #expect(try decoded.update.attributes.nextHop?.resolvedAddress == address("2001:db8::2"))
    }

    @Test(arguments: [
        (Captures.goBGPWithdrawal, "65002:1", "203.0.113.0/24"), (Captures.frrWithdrawal, "65001:1", "192.0.2.0/24"),
    ])
    func withdrawalsWhateverTheirLabel(message: [UInt8], routeDistinguisher: String, prefix: String) throws {
        let decoded = DecodedUpdate(body: body(message), context: externalContext)
        #expect(decoded.faults.isEmpty)
        #expect(decoded.update.announced.isEmpty)
        #expect(try decoded.update.withdrawn == [vpn(routeDistinguisher, prefix)])
    }

    @Test func frrAnnouncesIPv4() throws {
        let decoded = DecodedUpdate(body: body(Captures.frrAnnouncementIPv4), context: externalContext)
        #expect(try decoded.update.announced == [route("65001:1", "192.0.2.0/24", label: 1001)])
        #expect(decoded.update.attributes.multiExitDiscriminator == 0)
    }

    @Test func frrAnnouncesIPv6WithMappedNextHop() throws {
        let decoded = DecodedUpdate(body: body(Captures.frrAnnouncementIPv6), context: externalContext)
        #expect(try decoded.update.announced == [route("65001:1", "2001:db8:1::/48", label: 1001)])
        #expect(try decoded.update.attributes.nextHop?.address == .ipv6(v6("::ffff:127.0.0.1")))
        #expect(try decoded.update.attributes.nextHop?.resolvedAddress == address("127.0.0.1"))
    }

    /// The two implementations order attributes in their own ways; ours puts the routes first, like FRR, and has
    /// extended lengths only where they are needed.
    @Test func encodingSaysTheSame() throws {
        for message in [Captures.goBGPAnnouncementIPv4, Captures.goBGPAnnouncementIPv6, Captures.frrAnnouncementIPv6] {
            let decoded = DecodedUpdate(body: body(message), context: externalContext)
            let encoded = try UpdateEncoder(context: externalContext).messages(for: decoded.update)
            #expect(encoded.count == 1)
            #expect(DecodedUpdate(body: body(encoded[0]), context: externalContext) == decoded)
        }
    }

    @Test func endOfRIBMarkers() {
        for family in [AddressFamilyIdentifier.vpnIPv4, .vpnIPv6] {
            let decoded = DecodedUpdate(body: body(UpdateEncoder.endOfRIB(family)), context: externalContext)
            #expect(decoded.endOfRIB == family)
            #expect(decoded.update.withdrawn.isEmpty)
        }
        // RFC 4724 §2: for VPN-IPv4 these very octets.
        #expect(UpdateEncoder.endOfRIB(.vpnIPv4).dropFirst(18) == [2, 0, 0, 0, 6, 0x80, 15, 3, 0, 1, 128])
        #expect(DecodedUpdate(body: [0, 0, 0, 0], context: externalContext).endOfRIB == .ipv4Unicast)
    }
}
