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

    /// With a route of the core that takes its distinguisher from one of the first far end's.
    private func ownerWithRefusal() throws -> (owner: Owner, core: VPNPrefix) {
        let owner = Border.owner(try Border.inputs())
        let core = try vpn("65001:1", "10.7.0.0/16")
        try owner.announce(
            core, from: Border.reflector, label: 300, Border.attributes(from: Border.reflector, ["42:7"]))
        _ = try announce(owner, "65001:1")
        #expect(owner.rejections(.ownDistinguisher, of: Border.first) == 1)
        owner.refreshRequests = []
        return (owner, core)
    }

    private func isAskedFor(_ owner: Owner) -> Bool {
        owner.refreshRequests.contains { $0 == (Border.first, SessionFamily.vpnv4.identifier) }
    }

    @Test func `a distinguisher that stays the core's through changes of its routes is not asked for`() throws {
        let (owner, core) = try ownerWithRefusal()
        for preference in [110, 120, 130] as [UInt32] {
            try owner.announce(
                core, from: Border.reflector, label: 300,
                Border.attributes(from: Border.reflector, ["42:7"], preference: preference))
        }
        // One goes and another comes with the same UPDATE.
        let other = try vpn("65001:1", "10.6.0.0/16")
        let announced = try announcement(other, label: 300, Border.attributes(from: Border.reflector, ["42:7"]))
        owner.handle(
            .update(
                neighbor: Border.reflector,
                Update(
                    announcing: announced.announced, attributes: announced.attributes, withdrawing: [.vpn(core)])))
        #expect(owner.refreshRequests.isEmpty)
        owner.withdraw(other, from: Border.reflector)
        #expect(isAskedFor(owner))
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `many distinguishers that the core gives up at once are asked for once`() throws {
        let owner = Border.owner(try Border.inputs())
        let numbers = 1...5
        for number in numbers {
            let core = try vpn("65001:\(number)", "10.7.0.0/16")
            try owner.announce(
                core, from: Border.reflector, label: 300, Border.attributes(from: Border.reflector, ["42:7"]))
            _ = try announce(owner, "65001:\(number)")
        }
        owner.refreshRequests = []
        let cores = try numbers.map { NLRI.vpn(try vpn("65001:\($0)", "10.7.0.0/16")) }
        owner.handle(.update(neighbor: Border.reflector, Update(withdrawing: cores)))
        #expect(owner.refreshRequests.count == 1)
    }

    @Test func `a distinguisher of the core that a far end may have is not taken from it`() throws {
        let owner = Border.owner(try Border.inputs(distinguishers: ["65001:1"]))
        let route = try announce(owner, "65001:1")
        try owner.announce(
            try vpn("65001:1", "10.7.0.0/16"), from: Border.reflector, label: 300,
            Border.attributes(from: Border.reflector, ["42:7"]))
        owner.drain()
        #expect(owner.sent[Border.reflector]?[route] != nil)
        // Listed no longer: it is the core's.
        owner.handle(.configure(try Border.inputs()))
        owner.drain()
        #expect(owner.sent[Border.reflector]?[route] == nil)
    }

    @Test func `what was refused before a reconfiguration is asked for when the core gives it up`() throws {
        let (owner, core) = try ownerWithRefusal()
        owner.handle(.configure(try Border.inputs(transit: [Border.second])))
        owner.refreshRequests = []
        owner.withdraw(core, from: Border.reflector)
        #expect(isAskedFor(owner))
    }

    @Test func `a list that lets go of the core's route lets go of its distinguisher`() throws {
        let (owner, core) = try ownerWithRefusal()
        var inputs = try Border.inputs()
        inputs.neighbors[Border.reflector]?.families[.vpnv4]?.relay.imported = try Border.listed(["42:9": "42:9"])
        owner.handle(.configure(inputs))
        #expect(owner.table.neighborSummary(Border.reflector)?.families[.vpnv4]?.receivedCount == 0)
        #expect(isAskedFor(owner))
        let route = try announce(owner, "65001:1")
        #expect(owner.sent[Border.reflector]?[route] != nil)
        // It is left out when it comes again, and asked for when it may be needed.
        try owner.announce(
            core, from: Border.reflector, label: 300, Border.attributes(from: Border.reflector, ["42:7"]))
        owner.refreshRequests = []
        owner.handle(.configure(try Border.inputs()))
        #expect(owner.refreshRequests.contains { $0 == (Border.reflector, SessionFamily.vpnv4.identifier) })
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `what was kept for relaying alone goes with the last Option B neighbor`() throws {
        let (owner, _) = try ownerWithRefusal()
        var inputs = try Border.inputs()
        inputs.neighbors[Border.second] = nil
        owner.handle(.configure(inputs))
        #expect(owner.table.neighborSummary(Border.reflector)?.families[.vpnv4]?.receivedCount == 1)
        inputs.neighbors[Border.first] = nil
        owner.handle(.configure(inputs))
        #expect(owner.table.neighborSummary(Border.reflector)?.families[.vpnv4]?.receivedCount == 0)
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
