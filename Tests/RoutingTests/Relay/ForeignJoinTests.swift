import Addressing
import BGP
import Routing
import Testing

/// By what other operators' VPN routes are joined (RFC 6514 §7): a far end does not have joins sent to routers of the own network.
@Suite struct ForeignJoinTests {
    private let route: VPNPrefix

    init() throws { route = try vpn("65001:1", "10.1.1.0/24") }

    private func owner() throws -> Owner {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        // The own network has a PE 10.0.0.7.
        owner.hear(
            try announcement(
                try vpn("42:1", "10.9.0.0/16"), label: 300, Border.attributes(from: Border.reflector, ["42:7"])),
            from: Border.reflector)
        return owner
    }

    /// The low octets of VRF Route Imports: an address and a number. Source AS 65001 is beside them.
    private func announce(_ imports: [UInt64], _ owner: Owner) throws {
        var attributes = try Border.attributes(from: Border.first, ["65001:7"])
        attributes.extendedCommunities += (imports.map { 0x010b << 48 | $0 } + [0x0009_fde9_0000_0000]).map {
            ExtendedCommunity(rawValue: $0)
        }
        owner.hear(try announcement(route, label: 100, attributes), from: Border.first)
        owner.settle()
    }

    private func told(_ owner: Owner) throws -> [UInt64] {
        try #require(owner.sent[Border.reflector]?[route]).attributes.extendedCommunities.map(\.rawValue)
    }

    /// 10.65.0.1 of the far network; PE 10.0.0.7, reflector 10.0.0.9 and the box itself, 10.0.0.1.
    @Test(
        arguments: [
            ([0x0a41_0001_0005], true), ([0x0a00_0007_0005], false), ([0x0a00_0009_0005], false),
            ([0x0a00_0001_0005], false),
            ([0x0a41_0001_0005, 0x0a41_0001_0006], false),
        ] as [([UInt64], Bool)])
    func `a route is joined at a router of the far network, and by one word`(imports: [UInt64], isKept: Bool) throws {
        let owner = try owner()
        try announce(imports, owner)
        let listed = ExtendedCommunity(try target("65001:7")).rawValue
        #expect(
            try told(owner) == (isKept ? [0x010b << 48 | imports[0], 0x0009_fde9_0000_0000, listed] : [listed]))
        // A customer's join of the own network.
        let join = try SignallingBorder.join(of: 65001)
        let named = (imports[0] >> 16, imports[0] & 0xffff)
        let address = IPv4Address(rawValue: UInt32(named.0))
        try owner.announce(join, from: Border.reflector, ["\(address):\(named.1)"])
        owner.settle()
        #expect((owner.told(.multicastVPN(join), Border.first) != nil) == isKept)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a router that becomes known to be of the own network is joined no longer`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        try announce([0x0a00_0007_0005], owner)
        #expect(try told(owner).contains(0x010b_0a00_0007_0005))
        let join = try SignallingBorder.join(of: 65001)
        try owner.announce(join, from: Border.otherReflector, ["10.0.0.7:5"])
        owner.settle()
        // The join's own next hop is that PE.
        #expect(try !told(owner).contains(0x010b_0a00_0007_0005))
        #expect(owner.told(.multicastVPN(join), Border.first) == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    // MARK: Route target membership (RFC 4684)

    private func border() throws -> Owner {
        var inputs = try SignallingBorder.inputs()
        inputs.neighbors[Border.reflector]?.families[.routeTargets] = .init(.internal)
        let owner = Owner()
        owner.handle(.configure(inputs))
        for peer in Border.all {
            let families = SignallingBorder.families + (peer == Border.reflector ? Array(Wishes.families) : [.vpnv4])
            owner.handle(
                .established(
                    neighbor: peer, session(identifier: Border.number(of: peer), families: Set(families))))
        }
        owner.settle()
        return owner
    }

    @Test func `what names the box and who is to be joined is asked for as well`() throws {
        let owner = try border()
        #expect(owner.asked(Border.reflector) == ["42:42:7/96", "42:42:9/96", "42:10.0.0.1:0/96"])
        owner.endMembership(from: Border.reflector)
        owner.say(.everything, from: Border.reflector)
        try announce([0x0a41_0001_0005], owner)
        #expect(owner.asked(Border.reflector).contains("42:10.65.0.1:5/96"))
        owner.withdraw(route, from: Border.first)
        owner.settle()
        #expect(!owner.asked(Border.reflector).contains("42:10.65.0.1:5/96"))
    }

    @Test func `EVPN routes go where their targets are wanted`() throws {
        let owner = try border()
        let (mac, octets) = try SignallingBorder.macAddress(of: 65001, [100])
        try owner.announce(mac, octets, from: Border.first, ["65001:8"])
        owner.settle()
        #expect(owner.told(.evpn(mac), Border.otherReflector) != nil && owner.told(.evpn(mac), Border.reflector) == nil)
        owner.endMembership(from: Border.reflector)
        owner.say(try Wishes.wish("42:8"), from: Border.reflector)
        owner.settle()
        #expect(owner.told(.evpn(mac), Border.reflector) != nil)
        owner.takeBack(try Wishes.wish("42:8"), from: Border.reflector)
        owner.settle()
        #expect(owner.told(.evpn(mac), Border.reflector) == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }
}
