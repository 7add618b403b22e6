import Addressing
import BGP
import Routing
import Testing

/// What the operator takes from a neighbor that is away for a restart it loses at once, and nothing else: labels of VRFs and of
/// relays.
@Suite struct AwayNeighborTests {
    private func leave(_ peer: PeerAddress, _ owner: Owner, _ families: [SessionFamily] = [.vpnv4, .vpnv6]) {
        owner.handle(.down(neighbor: peer, gracefulRestart: gracefulRestart(families: families)))
    }

    // MARK: VRFs

    private func noteWithRestart(_ role: NeighborRole = .optionE) throws -> RoutingInputs {
        var inputs = try noteInputs()
        inputs.neighbors[FarEnd.first]?.announcedRestartSeconds = 90
        inputs.neighbors[FarEnd.first]?.families = [.vpnv4: .init(role), .vpnv6: .init(role)]
        return inputs
    }

    private func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        owner.drain()
        return owner
    }

    private func vrfs(_ owner: Owner) -> Set<String?> { Set(owner.installed.map(\.vrf)) }

    private enum Taking: CaseIterable { case eligibility, vrf, labels, name }

    @Test(arguments: LabelMode.allCases)
    func `a VRF that has no part there any more`(mode: LabelMode) throws {
        for taking in Taking.allCases {
            var inputs = try noteWithRestart(.optionB)
            inputs.vrfs["one"]?.labelMode = mode
            let owner = owner(inputs)
            #expect(vrfs(owner) == ["one", "two", "three"])
            leave(FarEnd.first, owner)
            switch taking {
            case .eligibility: inputs.vrfs["one"]?.eligibleNeighbors = []
            case .vrf: inputs.vrfs["one"] = nil
            case .labels:
                let gateway = CircuitGateway(circuit: "ten1/1", address: try address("10.1.0.9"))
                inputs.vrfs["one"]?.circuitGateways[FarEnd.first] = [.ipv4: gateway]
            case .name: inputs.vrfs["one"]?.routeDistinguisher = RouteDistinguisher(rawValue: 7)
            }
            owner.handle(.configure(inputs))
            #expect(vrfs(owner) == ["two", "three"], "\(taking)")
            owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
            owner.drain()
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }

    @Test func `a neighbor that is nothing to us any more`() throws {
        var inputs = try noteWithRestart()
        let owner = owner(inputs)
        leave(FarEnd.first, owner)
        inputs.neighbors[FarEnd.first]?.families = [.vpnv4: .init(nil), .vpnv6: .init(nil)]
        owner.handle(.configure(inputs))
        #expect(owner.installed.isEmpty)
        owner.drain()
        #expect(owner.violations.isEmpty)
    }

    @Test func `a VRF that was being withdrawn when the session was lost`() throws {
        var inputs = try noteWithRestart()
        let owner = owner(inputs)
        inputs.vrfs["one"]?.eligibleNeighbors = []
        owner.handle(.configure(inputs))
        #expect(vrfs(owner) == ["one", "two", "three"], "it is to read that first")
        leave(FarEnd.first, owner)
        #expect(vrfs(owner) == ["two", "three"])
        owner.drain()
        #expect(owner.violations.isEmpty)
    }

    @Test func `a VRF whose withdrawal was sent and is read by nobody any more`() throws {
        var inputs = try noteWithRestart()
        let owner = owner(inputs)
        let binding = try #require(owner.installed.first { $0.vrf == "one" })
        inputs.vrfs["one"]?.eligibleNeighbors = []
        owner.handle(.configure(inputs))
        var sent: [RoutingEffect] = []
        while case let more = owner.pull(FarEnd.first, limit: 50), !more.isEmpty { sent += more }
        #expect(sent.contains(.removeLabel(binding, .whenWithdrawalsAreRead)))
        let effects = owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        #expect(effects.contains(.removeLabel(binding, .atOnce)))
        owner.drain()
        #expect(owner.table.labels.quarantine[binding.label]?.until == seconds(300))
        #expect(owner.violations.isEmpty)
    }

    // MARK: Option B

    private func border(perPrefix: Bool = false) throws -> RoutingInputs {
        var inputs = try Border.inputs(
            transit: [Border.first, Border.second], perPrefix: perPrefix ? Set(Border.all) : [],
            distinguishers: ["65001:1", "65001:2"])
        for peer in Border.all { inputs.neighbors[peer]?.announcedRestartSeconds = 90 }
        return inputs
    }

    private func borderOwner(_ inputs: RoutingInputs) -> Owner {
        let owner = Border.owner(inputs)
        for peer in Border.all {
            owner.handle(
                .established(
                    neighbor: peer, session(identifier: Border.number(of: peer), restart: gracefulRestart())))
        }
        owner.drain()
        return owner
    }

    /// What takes the first far end's route from the second far end, and leaves it others.
    private enum Refusal: CaseIterable {
        case targets, transit, itsTransit, list, map, everything

        func apply(to inputs: inout RoutingInputs) throws {
            var settings = inputs.neighbors[Border.second]?.families[.vpnv4]
            switch self {
            case .targets: settings?.relay.exported = try Border.listed(["42:7": "42:7"])
            case .transit: inputs.neighbors[Border.first]?.families[.vpnv4]?.relay.allowsTransit = false
            case .itsTransit: settings?.relay.allowsTransit = false
            case .list:
                settings?.exportFilter = PrefixFilter([
                    .init(permits: true, prefix: try prefix("10.7.0.0/16"), lengths: 16...16)
                ])
            case .map:
                var entry = RoutePolicy.Entry(permits: true)
                entry.prefixFilters = [
                    PrefixFilter([.init(permits: true, prefix: try prefix("10.7.0.0/16"), lengths: 16...16)])
                ]
                settings?.exportPolicy = RoutePolicy([entry])
            case .everything: settings?.relay.exported = ListedTargets()
            }
            inputs.neighbors[Border.second]?.families[.vpnv4] = settings
        }
    }

    @Test(arguments: [false, true])
    func `what is relayed no longer`(perPrefix: Bool) throws {
        for refusal in Refusal.allCases {
            var inputs = try border(perPrefix: perPrefix)
            let owner = borderOwner(inputs)
            let (gone, kept) = (try vpn("65001:1", "10.1.0.0/16"), try vpn("42:77", "10.7.0.0/16"))
            try owner.announce(
                gone, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
            try owner.announce(
                kept, from: Border.reflector, label: 200, Border.attributes(from: Border.reflector, ["42:7"]))
            owner.handle(.transportsChanged([Border.provider: .resolved]))
            owner.drain()
            let labels = [gone, kept].map { owner.sent[Border.second]?[$0]?.label }
            #expect(!labels.contains(nil), "\(refusal)")
            leave(Border.second, owner)
            owner.drain()
            #expect(labels.allSatisfy { owner.swap($0, of: Border.second) != nil })
            try refusal.apply(to: &inputs)
            let effects = owner.handle(.configure(inputs))
            #expect(owner.swap(labels[0], of: Border.second) == nil, "\(refusal)")
            #expect(
                effects.contains {
                    if case .removeLabel(let binding, .atOnce) = $0 { binding.label == labels[0] } else { false }
                })
            #expect((owner.swap(labels[1], of: Border.second) == nil) == (refusal == .everything), "\(refusal)")
            owner.drain()
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }

    @Test func `what was being withdrawn, and what only has another label`() throws {
        for refusal in Refusal.allCases {
            var inputs = try border()
            let owner = borderOwner(inputs)
            let route = try vpn("65001:1", "10.1.0.0/16")
            let attributes = try Border.attributes(from: Border.first, ["65001:7"])
            try owner.announce(route, from: Border.first, label: 100, attributes)
            owner.drain()
            let label = owner.sent[Border.second]?[route]?.label
            try owner.announce(route, from: Border.first, label: 101, attributes)
            owner.confirmAll()
            leave(Border.second, owner)
            // Make before break: who has not heard of the other label goes on by this one …
            #expect(owner.swap(label, of: Border.second) != nil)
            let further = owner.installed.first { $0.neighbor == Border.second && $0.label != label }?.label
            #expect(owner.swap(further, of: Border.second) != nil)
            // … whatever else changes …
            var other = inputs
            other.vrfs["two"]?.exportTargets = [try target("42:99")]
            owner.handle(.configure(other))
            owner.handle(.configure(inputs))
            #expect(owner.swap(label, of: Border.second) != nil)
            // … until it may not have the route.
            try refusal.apply(to: &inputs)
            owner.handle(.configure(inputs))
            #expect(owner.installed.allSatisfy { $0.neighbor != Border.second }, "\(refusal)")
            owner.drain()
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }

    @Test func `what the sender takes from it`() throws {
        let owner = borderOwner(try border())
        let route = try vpn("65001:1", "10.1.0.0/16")
        try owner.announce(
            route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
        owner.drain()
        let label = owner.sent[Border.second]?[route]?.label
        leave(Border.second, owner)
        #expect(owner.swap(label, of: Border.second) != nil)
        // 65001:8 is for the core alone.
        try owner.announce(
            route, from: Border.first, label: 101, Border.attributes(from: Border.first, ["65001:8"]))
        #expect(owner.swap(label, of: Border.second) == nil)
        owner.drain()
        #expect(owner.violations.isEmpty)
    }

    @Test func `what the sender takes from it with another next hop, or behind another label`() throws {
        let owner = borderOwner(try border())
        let (first, second) = (try vpn("42:77", "10.7.0.0/16"), try vpn("65001:1", "10.1.0.0/16"))
        owner.handle(.transportsChanged([Border.provider: .resolved, Border.otherProvider: .resolved]))
        try owner.announce(
            first, from: Border.reflector, label: 200, Border.attributes(from: Border.reflector, ["42:7"]))
        try owner.announce(
            second, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
        owner.handle(.transportsChanged([Border.provider: .resolved, Border.otherProvider: .resolved]))
        owner.drain()
        let labels = [first, second].map { owner.sent[Border.second]?[$0]?.label }
        try owner.announce(
            second, from: Border.first, label: 101, Border.attributes(from: Border.first, ["65001:7"]))
        owner.confirmAll()
        leave(Border.second, owner)
        #expect(labels.allSatisfy { owner.swap($0, of: Border.second) != nil })
        #expect(owner.installed.count { $0.neighbor == Border.second } == 3)
        // 42:9 is for the first far end, 65001:8 for the core.
        try owner.announce(
            first, from: Border.reflector, label: 201,
            Border.attributes(from: Border.reflector, ["42:9"], nextHop: Border.otherProvider))
        #expect(owner.swap(labels[0], of: Border.second) == nil)
        try owner.announce(
            second, from: Border.first, label: 102, Border.attributes(from: Border.first, ["65001:8"]))
        #expect(owner.installed.allSatisfy { $0.neighbor != Border.second })
        owner.drain()
        #expect(owner.violations.isEmpty)
    }

    @Test func `a withdrawal that was sent and is read by nobody any more`() throws {
        for refusal in Refusal.allCases {
            var inputs = try border()
            let owner = borderOwner(inputs)
            let route = try vpn("65001:1", "10.1.0.0/16")
            try owner.announce(
                route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
            owner.drain()
            let binding = try #require(owner.installed.first { $0.neighbor == Border.second })
            try refusal.apply(to: &inputs)
            owner.handle(.configure(inputs))
            while !owner.pull(Border.second, limit: 50).isEmpty {}
            #expect(owner.toRemove.contains(binding), "\(refusal)")
            let effects = owner.handle(.down(neighbor: Border.second, gracefulRestart: gracefulRestart()))
            #expect(effects.contains(.removeLabel(binding, .atOnce)), "\(refusal)")
            owner.drain()
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }

    @Test func `a neighbor that is there reads it first, be it a route map's`() throws {
        for refusal in Refusal.allCases {
            var inputs = try border()
            let owner = borderOwner(inputs)
            let route = try vpn("65001:1", "10.1.0.0/16")
            try owner.announce(
                route, from: Border.first, label: 100, Border.attributes(from: Border.first, ["65001:7"]))
            owner.drain()
            let label = owner.sent[Border.second]?[route]?.label
            try refusal.apply(to: &inputs)
            owner.handle(.configure(inputs))
            #expect(owner.swap(label, of: Border.second) != nil, "\(refusal)")
            owner.drain()
            #expect(owner.swap(label, of: Border.second) == nil, "\(refusal)")
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }

    @Test func `an MVPN or EVPN route that is relayed no longer`() throws {
        var inputs = try SignallingBorder.inputs()
        inputs.neighbors[Border.reflector]?.announcedRestartSeconds = 90
        let owner = SignallingBorder.owner(inputs)
        let families = SignallingBorder.families
        owner.handle(
            .established(
                neighbor: Border.reflector,
                session(identifier: 9, families: Set(families), restart: gracefulRestart(families: families))))
        let (route, octets) = try SignallingBorder.macAddress(of: 65001, [100, 101])
        try owner.announce(route, octets, from: Border.first, ["65001:7"])
        owner.settle()
        let labels = owner.installed.filter { $0.neighbor == Border.reflector }
        #expect(labels.count == 2)
        leave(Border.reflector, owner, families)
        #expect(owner.installed.isSuperset(of: labels))
        inputs.neighbors[Border.reflector]?.families[.evpn]?.relay.exported = try Border.listed(["65002:7": "65002:7"])
        owner.handle(.configure(inputs))
        while owner.table.isSweeping { owner.sweep(limit: 3) }
        #expect(owner.installed.isDisjoint(with: labels))
        owner.settle()
        #expect(owner.violations.isEmpty)
    }

    // MARK: Option C

    @Test func `a prefix that the list of an Option C neighbor has no longer`() throws {
        for change in 0..<3 {
            var inputs = try WayBorder.inputs()
            inputs.neighbors[WayBorder.first]?.announcedRestartSeconds = 90
            let owner = try WayBorder.owner(inputs)
            let families = Array(CoreRouter.families)
            CoreRouter.establish(WayBorder.first, 1, owner, gracefulRestart(families: families))
            for host in ["10.98.1.3", "10.98.1.4"] {
                try owner.tell(
                    "\(host)/32", [16003], from: WayBorder.router, WayBorder.attributes(from: WayBorder.router))
                try owner.setTransports([host: .resolved])
            }
            let labels = try ["10.98.1.3/32", "10.98.1.4/32"].map { try owner.told($0, WayBorder.first)?.label }
            leave(WayBorder.first, owner, families)
            #expect(labels.allSatisfy { owner.swap($0, of: WayBorder.first) != nil })
            let one = PrefixFilter([.init(permits: true, prefix: try prefix("10.98.1.4/32"), lengths: 32...32)])
            switch change {
            case 0:
                inputs.neighbors[WayBorder.first]?.families[.ipv4LabeledUnicast]?.exportFilter = one
                inputs.neighbors[WayBorder.first]?.families[.ipv4LabeledUnicast]?.depths.exported = [
                    .init(depth: 2, filter: one)
                ]
            case 1:
                var entry = RoutePolicy.Entry(permits: true)
                entry.prefixFilters = [one]
                inputs.neighbors[WayBorder.first]?.families[.ipv4LabeledUnicast]?.exportPolicy = RoutePolicy([entry])
            default: inputs.neighbors[WayBorder.first]?.families[.ipv4LabeledUnicast] = nil
            }
            owner.handle(.configure(inputs))
            #expect(owner.swap(labels[0], of: WayBorder.first) == nil, "\(change)")
            #expect((owner.swap(labels[1], of: WayBorder.first) == nil) == (change == 2), "\(change)")
            owner.drain()
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }
}
