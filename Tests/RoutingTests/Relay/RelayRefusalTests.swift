import Addressing
import BGP
import Routing
import Testing

/// What an Option B neighbor may not say.
@Suite struct RelayRefusalTests {
    private func announce(_ owner: Owner, _ distinguisher: String, _ attributes: PathAttributes? = nil) throws
        -> VPNPrefix
    {
        let route = try vpn(distinguisher, "10.9.0.0/16")
        try owner.announce(
            route, from: Border.first, label: 100,
            attributes ?? Border.attributes(from: Border.first, ["65001:7"]))
        owner.drain()
        return route
    }

    @Test func `reserved labels, other next hops, our AS and paths of others are refused`() throws {
        let owner = Border.owner(try Border.inputs())
        let route = try vpn("65001:1", "10.9.0.0/16")
        for number in [0, 1, 2, 3, 7, 13, 14, 15] as [UInt32] {
            try owner.announce(
                route, from: Border.first, label: number, Border.attributes(from: Border.first, ["65001:7"]))
        }
        #expect(owner.rejections(.reservedLabel, of: Border.first) == 8)
        var cases: [(RouteRejection, PathAttributes)] = []
        let good = try Border.attributes(from: Border.first, ["65001:7"])
        for (reason, path, nextHop) in [
            (.nextHopNotNeighbor, [FarEnd.firstAS], IPAddress.ipv4(IPv4Address(1, 2, 3, 6))),
            (.asPathLoop, [FarEnd.firstAS, 42], Border.first.address),
            (.asPathNotFromNeighbor, [65009], Border.first.address),
        ] as [(RouteRejection, [UInt32], IPAddress)] {
            var attributes = good
            attributes.asPath = ASPath(sequence: path)
            attributes.nextHop = BGPNextHop(nextHop)
            cases.append((reason, attributes))
        }
        for (reason, attributes) in cases {
            _ = try announce(owner, "65001:1", attributes)
            #expect(owner.rejections(reason, of: Border.first) == 1, "\(reason)")
        }
        #expect(owner.sent[Border.reflector]?[route] == nil)
        #expect(owner.installed.isEmpty)
    }

    @Test func `a route distinguisher of our AS or of a VRF is refused unless it is listed`() throws {
        for distinguisher in ["42:500", "0.0.0.42:1", "42:1"] {
            let owner = Border.owner(try Border.inputs())
            let route = try announce(owner, distinguisher)
            let isRefused = distinguisher != "0.0.0.42:1"
            #expect(owner.rejections(.ownDistinguisher, of: Border.first) == (isRefused ? 1 : 0), "\(distinguisher)")
            #expect((owner.sent[Border.reflector]?[route] == nil) == isRefused, "\(distinguisher)")
        }
        let owner = Border.owner(try Border.inputs(distinguishers: ["42:500"]))
        let route = try announce(owner, "42:500")
        #expect(owner.sent[Border.reflector]?[route] != nil)
        // Listed no longer.
        owner.handle(.configure(try Border.inputs()))
        owner.drain()
        #expect(owner.sent[Border.reflector]?[route] == nil)
        // And again: it is asked for.
        owner.refreshRequests = []
        owner.handle(.configure(try Border.inputs(distinguishers: ["42:500"])))
        #expect(owner.refreshRequests.contains { $0 == (Border.first, SessionFamily.vpnv4.identifier) })
    }

    @Test func `a VRF that comes to have a route's distinguisher takes it from the far end`() throws {
        var inputs = try Border.inputs()
        let owner = Border.owner(inputs)
        let route = try announce(owner, "65001:1")
        #expect(owner.sent[Border.reflector]?[route] != nil)
        inputs.vrfs["one"]?.routeDistinguisher = route.routeDistinguisher
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[Border.reflector]?[route] == nil)
        #expect(owner.rejections(.ownDistinguisher, of: Border.first) == 1)
        _ = try announce(owner, "65001:1")
        #expect(owner.sent[Border.reflector]?[route] == nil)
        owner.refreshRequests = []
        owner.handle(.configure(try Border.inputs()))
        #expect(owner.refreshRequests.contains { $0 == (Border.first, SessionFamily.vpnv4.identifier) })
    }

    @Test func `a distinguisher that routes of the core have is refused as long as they have it`() throws {
        let owner = Border.owner(try Border.inputs())
        let early = try announce(owner, "65001:1")
        let core = try vpn("65001:1", "10.7.0.0/16")
        #expect(owner.sent[Border.reflector]?[early] != nil)
        // What another border router has relayed is no route of ours.
        try owner.announce(
            core, from: Border.reflector, label: 300,
            Border.attributes(from: Border.reflector, ["42:7"], mark: Border.mark))
        owner.drain()
        #expect(owner.sent[Border.reflector]?[early] != nil)
        try owner.announce(
            core, from: Border.reflector, label: 300, Border.attributes(from: Border.reflector, ["42:7"]))
        owner.drain()
        #expect(owner.sent[Border.reflector]?[early] == nil)
        _ = try announce(owner, "65001:1")
        #expect(owner.rejections(.ownDistinguisher, of: Border.first) == 2)
        #expect(owner.sent[Border.reflector]?[early] == nil)
        owner.refreshRequests = []
        owner.withdraw(core, from: Border.reflector)
        #expect(owner.refreshRequests.contains { $0 == (Border.first, SessionFamily.vpnv4.identifier) })
        _ = try announce(owner, "65001:1")
        #expect(owner.sent[Border.reflector]?[early] != nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `maximum-prefix ends the session, maximum-labels refuses more`() throws {
        var inputs = try Border.inputs()
        inputs.neighbors[Border.first]?.maximumLabels = 1
        inputs.neighbors[Border.first]?.families[.vpnv4]?.prefixLimit = PrefixLimit(maximum: 2)
        let owner = Border.owner(inputs)
        let attributes = try Border.attributes(from: Border.first, ["65001:7"])
        for (text, number) in [("10.1.0.0/16", 100), ("10.2.0.0/16", 101), ("10.3.0.0/16", 100)] as [(String, UInt32)] {
            try owner.announce(try vpn("65001:1", text), from: Border.first, label: number, attributes)
        }
        owner.drain()
        #expect(owner.rejections(.maximumLabels, of: Border.first) == 1)
        #expect(owner.sent[Border.reflector]?.count == 2)
        try owner.announce(try vpn("65001:1", "10.4.0.0/16"), from: Border.first, label: 100, attributes)
        owner.drain()
        #expect(owner.resets[Border.first] != nil)
        #expect(owner.sent[Border.reflector]?.isEmpty ?? true)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }
}
