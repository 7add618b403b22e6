import Addressing
import BGP
import Routing
import Testing

/// What the operator takes from a neighbor that is away for a restart it loses at once: labels of customer carriers' VRFs.
@Suite struct AwayCarrierTests {
    private static let way = "10.9.0.1/32"
    private static let far = "10.9.0.2/32"

    /// A second Option B neighbor beside the first, which keeps its labels while it is away.
    private func inputs(transit: Bool = false) throws -> RoutingInputs {
        var inputs = try carrierInputs()
        inputs.neighbors[FarEnd.second] = try noteInputs().neighbors[FarEnd.second]
        let families = try #require(inputs.neighbors[FarEnd.first]).families
        inputs.neighbors[FarEnd.second]?.families = families
        inputs.neighbors[FarEnd.first]?.announcedRestartSeconds = 90
        inputs.vrfs["one"]?.eligibleNeighbors.insert(FarEnd.second)
        inputs.vrfs["one"]?.allowsTransit = transit
        return inputs
    }

    private func owner(_ inputs: RoutingInputs) throws -> Owner {
        let owner = try carrierOwner(inputs)
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 3, families: [.vpnv4])))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        establish(owner)
        owner.drain()
        return owner
    }

    private func establish(_ owner: Owner) {
        owner.handle(
            .established(neighbor: FarEnd.first, session(families: [.vpnv4], restart: gracefulRestart())))
    }

    private func leave(_ owner: Owner, _ peers: PeerAddress...) {
        for peer in peers {
            owner.handle(.down(neighbor: peer, gracefulRestart: gracefulRestart(families: [.vpnv4])))
        }
    }

    private func tellFromSecond(_ text: String, _ owner: Owner) throws {
        owner.handle(
            .update(
                neighbor: FarEnd.second,
                try announcement(
                    vpn("65002:1", text), label: 500,
                    attributes(from: FarEnd.second, targets: ["42:1"], path: [FarEnd.secondAS, 65_200, 65_201]))))
    }

    /// Takes something from whoever is away, and expects its label to be invalid before it is back, and nothing else.
    private func expectEnd(
        of label: MPLSLabel?, at peer: PeerAddress = FarEnd.first, of owner: Owner, _ inputs: RoutingInputs,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(owner.swap(label, of: peer) != nil, sourceLocation: sourceLocation)
        let effects = owner.handle(.configure(inputs))
        #expect(owner.swap(label, of: peer) == nil, sourceLocation: sourceLocation)
        let removals = effects.compactMap {
            if case .removeLabel(let binding, let removal) = $0, binding.label == label { removal } else { nil }
        }
        #expect(removals == [.atOnce], sourceLocation: sourceLocation)
        owner.drain()
        #expect(owner.violations.isEmpty, "\(owner.violations)", sourceLocation: sourceLocation)
    }

    @Test func `transit that is taken out of a VRF`() throws {
        var inputs = try inputs(transit: true)
        let owner = try owner(inputs)
        try tellFromSecond(Self.far, owner)
        try owner.tell(Self.way, label: 24001)
        owner.drain()
        let (far, own) = (
            try owner.toldAsVPN(Self.far, to: FarEnd.first), try owner.toldAsVPN(Self.way, to: FarEnd.first)
        )
        leave(owner, FarEnd.first)
        inputs.vrfs["one"]?.allowsTransit = false
        expectEnd(of: far, of: owner, inputs)
        // The VRF's own goes on, and when the neighbor is back it is told of nothing else.
        #expect(try owner.swap(own, of: FarEnd.first) == byCarrier(Carrier.near, "ten1/1", 24001))
        establish(owner)
        owner.drain()
        #expect(try owner.toldAsVPN(Self.far, to: FarEnd.first) == nil)
        #expect(try owner.toldAsVPN(Self.way, to: FarEnd.first) == own)
        #expect(owner.violations.isEmpty)
    }

    @Test func `what was being withdrawn when the session was lost`() throws {
        var inputs = try inputs(transit: true)
        let owner = try owner(inputs)
        try tellFromSecond(Self.far, owner)
        owner.drain()
        let label = try #require(try owner.toldAsVPN(Self.far, to: FarEnd.first))
        inputs.vrfs["one"]?.allowsTransit = false
        owner.handle(.configure(inputs))
        #expect(owner.swap(label, of: FarEnd.first) != nil, "it is to read that first")
        leave(owner, FarEnd.first)
        #expect(owner.swap(label, of: FarEnd.first) == nil)
        owner.drain()
        #expect(owner.violations.isEmpty)
    }

    @Test(arguments: [true, false])
    func `so many that they are looked at in portions, of which some were when the session was lost`(
        isAway: Bool
    ) throws {
        var inputs = try inputs(transit: true)
        inputs.labelRange = 16...200_000
        let owner = try owner(inputs)
        let routes = try (0..<2_500).map { number in
            AnnouncedRoute(
                try vpn("65002:1", "20.\(number / 250).\(number % 250).1/32"), labels: .single(try label(500)))
        }
        let attributes = try attributes(from: FarEnd.second, targets: ["42:1"], path: [FarEnd.secondAS])
        owner.handle(.update(neighbor: FarEnd.second, Update(announcing: routes, attributes: attributes)))
        while owner.table.isSweeping { owner.sweep(limit: 2_000) }
        owner.drain()
        #expect(owner.validSwaps(at: FarEnd.first).count == 2_500)
        if isAway { leave(owner, FarEnd.first) }
        inputs.vrfs["one"]?.allowsTransit = false
        owner.handle(.configure(inputs))
        #expect(owner.table.isSweeping)
        if !isAway { leave(owner, FarEnd.first) }
        while owner.table.isSweeping { owner.sweep(limit: 2_000) }
        #expect(owner.validSwaps(at: FarEnd.first).isEmpty)
        owner.drain()
        #expect(owner.violations.isEmpty)
    }

    @Test(arguments: [LabelMode.perPrefix, .perNextHop, .perVRF])
    func `the last circuit that takes labels`(mode: LabelMode) throws {
        var inputs = try inputs()
        let owner = try owner(inputs)
        try owner.tell(Self.way, label: 24001)
        owner.drain()
        let labels = [
            FarEnd.first: try owner.toldAsVPN(Self.way, to: FarEnd.first),
            Carrier.reflector: try owner.toldAsVPN(Self.way),
        ]
        leave(owner, FarEnd.first, Carrier.reflector)
        inputs.vrfs["one"]?.servesCarrier = false
        inputs.vrfs["one"]?.labelMode = mode
        for (peer, label) in labels { #expect(owner.swap(label, of: peer) != nil) }
        owner.handle(.configure(inputs))
        for (peer, label) in labels { #expect(owner.swap(label, of: peer) == nil) }
        owner.drain()
        #expect(owner.violations.isEmpty)
    }

    @Test func `a prefix list of the VRF, of the neighbor, and a route map`() throws {
        let none = PrefixFilter([.init(permits: true, prefix: try prefix("10.8.0.0/16"), lengths: 32...32)])
        for change in 0..<3 {
            var inputs = try inputs()
            let owner = try owner(inputs)
            try owner.tell(Self.way, label: 24001)
            owner.drain()
            let label = try owner.toldAsVPN(Self.way, to: FarEnd.first)
            leave(owner, FarEnd.first)
            switch change {
            case 0: inputs.vrfs["one"]?.exportFilters[.ipv4] = none
            case 1: inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.exportFilter = none
            default: inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.exportPolicy = RoutePolicy([])
            }
            expectEnd(of: label, of: owner, inputs)
        }
    }

    @Test func `the list of a customer carrier's router`() throws {
        var inputs = try inputs()
        let owner = try owner(inputs)
        try owner.tellFromCore(Self.way, label: 3001)
        try owner.tellFromCore(Self.far, label: 3002)
        owner.drain()
        let labels = (try owner.told(Self.way), try owner.told(Self.far))
        owner.handle(.down(neighbor: Carrier.near, gracefulRestart: gracefulRestart(families: [.ipv4LabeledUnicast])))
        inputs.neighbors[Carrier.near]?.families[.ipv4LabeledUnicast]?.exportFilter = PrefixFilter([
            .init(permits: true, prefix: try prefix(Self.far), lengths: 32...32)
        ])
        expectEnd(of: labels.0, at: Carrier.near, of: owner, inputs)
        #expect(try owner.swap(labels.1, of: Carrier.near) == byProvider(3002))
    }

    @Test func `a path that another one hides serves on for as long as it is there and may`() throws {
        for isWithdrawn in [true, false] {
            var inputs = try inputs()
            let owner = try owner(inputs)
            try owner.tell(Self.way, label: 24001)
            owner.drain()
            let label = try owner.toldAsVPN(Self.way, to: FarEnd.first)
            leave(owner, FarEnd.first)
            // It is better, and another operator's.
            var map = RoutePolicy.Entry(permits: true)
            map.changes.localPreference = 500
            inputs.neighbors[FarEnd.second]?.families[.vpnv4]?.importPolicy = RoutePolicy([map])
            owner.handle(.configure(inputs))
            try tellFromSecond(Self.way, owner)
            owner.drain()
            #expect(try owner.action(Self.way) == .labelled(neighbor: FarEnd.second, label: RoutingTests.label(500)))
            #expect(try owner.swap(label, of: FarEnd.first) == byCarrier(Carrier.near, "ten1/1", 24001))
            if isWithdrawn {
                try owner.takeBack(Self.way)
                #expect(owner.swap(label, of: FarEnd.first) == nil)
            } else {
                inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.exportFilter = PrefixFilter([])
                expectEnd(of: label, of: owner, inputs)
            }
            owner.drain()
            #expect(owner.violations.isEmpty)
        }
    }
}
