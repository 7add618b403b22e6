import Addressing
import BGP
import Routing
import Testing

/// VRFs whose packets go without labels on circuits of their own, beside others on the same session.
@Suite struct OptionABTests {
    private static let gateway = CircuitGateway(circuit: "ten1/1", address: .ipv4(IPv4Address(10, 1, 0, 9)))
    private static let action = ForwardingAction.gateway(circuit: gateway.circuit, address: gateway.address)
    private static let place = "10.9.0.0/16"

    /// The note's configuration; VRF one is on a circuit towards the first far end, if there is one.
    private func inputs(_ gateways: [AddressFamily: CircuitGateway]? = [.ipv4: gateway]) throws -> RoutingInputs {
        var inputs = try noteInputs()
        if let gateways { inputs.vrfs["one"]?.circuitGateways[FarEnd.first] = gateways }
        return inputs
    }

    private func announce(_ owner: Owner, label number: UInt32 = 777, _ targets: [String] = ["42:1", "42:2"]) throws {
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(try vpn("65001:1", Self.place), label: number, attributes(targets: targets))))
        owner.drain()
    }

    private func action(_ owner: Owner, in vrf: String = "one") throws -> ForwardingAction? {
        owner.fib[vrf]?[try prefix(Self.place)]
    }

    private func told(_ owner: Owner, _ distinguisher: String = "42:1") throws -> MPLSLabel? {
        owner.sent[FarEnd.first]?[try vpn(distinguisher, "10.1.0.0/24")]?.label
    }

    private func subject(_ owner: Owner, of label: MPLSLabel?) -> LabelSubject? {
        label.flatMap { owner.table.labels.holder(of: $0)?.subject }
    }

    @Test func `packets of an imported route go by the circuit, and those of another VRF by the label`() throws {
        let owner = connected(try inputs())
        try announce(owner)
        #expect(try action(owner) == Self.action)
        #expect(try action(owner, in: "two") == .labelled(neighbor: FarEnd.first, label: try label(777)))
        // Another label of the far end's is nothing to it.
        let effects = owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(
                    try vpn("65001:1", Self.place), label: 778, attributes(targets: ["42:1", "42:2"]))))
        #expect(!effects.contains { if case .setRoute("one", _, _) = $0 { true } else { false } })
        #expect(owner.violations == [])
    }

    @Test func `the label that is told is a label, of no other VRF or neighbor, and valid nowhere`() throws {
        var inputs = try inputs()
        inputs.vrfs["one"]?.eligibleNeighbors.insert(FarEnd.second)
        let owner = connected(inputs)
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 5)))
        owner.drain()
        let first = try #require(try told(owner))
        #expect(!first.isReserved)
        #expect(subject(owner, of: first)?.isValidNowhere == true)
        #expect(subject(owner, of: try told(owner, "42:2"))?.isValidNowhere == false)
        // Towards another neighbor the VRF is of Option E.
        let second = try #require(owner.sent[FarEnd.second]?[try vpn("42:1", "10.1.0.0/24")]?.label)
        #expect(first != second && subject(owner, of: second)?.isValidNowhere == false)
        #expect(owner.table.labels(ofVRF: "one") == [FarEnd.first: first, FarEnd.second: second])
        #expect(owner.violations == [])
    }

    @Test func `a reserved label is no label of a route, of this option neither`() throws {
        let owner = connected(try inputs())
        for number: UInt32 in [0, 3, 15] { try announce(owner, label: number) }
        #expect(try action(owner) == nil)
        #expect(
            owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.rejectedCount[.reservedLabel] == 3)
    }

    @Test func `without a circuit a family's routes are not used and not told, and the others are`() throws {
        let owner = connected(try inputs([:]))
        try announce(owner)
        #expect(try action(owner) == nil && told(owner) == nil)
        #expect(try told(owner, "42:2") != nil && action(owner, in: "two") != nil)
        owner.handle(.configure(try inputs()))
        owner.drain()
        #expect(try action(owner) == Self.action && told(owner) != nil)
        owner.handle(.configure(try inputs([:])))
        owner.drain()
        #expect(try action(owner) == nil && told(owner) == nil)
        #expect(owner.violations == [])
    }

    @Test func `another circuit is one store, and no matter of the neighbor's`() throws {
        let owner = connected(try inputs())
        try announce(owner)
        let other = CircuitGateway(circuit: "ten1/7", address: .ipv4(IPv4Address(10, 7, 0, 9)))
        let effects = owner.handle(.configure(try inputs([.ipv4: other])))
        let moved = RoutingEffect.setRoute(
            vrf: "one", prefix: try prefix(Self.place), .gateway(circuit: "ten1/7", address: other.address))
        #expect(effects == [moved])
        #expect(owner.withOutput.isEmpty)
    }

    @Test func `a far end that does not answer on its circuit is used where there is nothing else`() throws {
        var inputs = try inputs()
        inputs.vrfs["one"]?.eligibleNeighbors.insert(FarEnd.second)
        let owner = connected(inputs)
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 5)))
        try announce(owner)
        owner.handle(.circuitGatewayChanged(vrf: "one", Self.gateway, isSilent: true))
        #expect(try action(owner) == Self.action)
        owner.handle(
            .update(
                neighbor: FarEnd.second,
                try announcement(
                    try vpn("65002:1", Self.place), label: 900,
                    attributes(from: FarEnd.second, targets: ["42:1"], path: [FarEnd.secondAS, 65100]))))
        let byLabel = ForwardingAction.labelled(neighbor: FarEnd.second, label: try label(900))
        #expect(try action(owner) == byLabel)
        owner.handle(.circuitGatewayChanged(vrf: "one", Self.gateway, isSilent: false))
        #expect(try action(owner) == Self.action)
        // That the neighbor is not reached on its NNI is nothing to this VRF.
        owner.handle(.nextHopChanged(neighbor: FarEnd.first, .unreachable))
        #expect(try action(owner) == Self.action)
        #expect(try action(owner, in: "two") == nil)
        // What is said of a far end does not outlive it.
        owner.handle(.circuitGatewayChanged(vrf: "one", Self.gateway, isSilent: true))
        inputs.vrfs["one"]?.circuitGateways[FarEnd.first] = [:]
        owner.handle(.configure(inputs))
        inputs.vrfs["one"]?.circuitGateways[FarEnd.first] = [.ipv4: Self.gateway]
        owner.handle(.configure(inputs))
        #expect(try action(owner) == Self.action)
        #expect(owner.violations == [])
    }

    @Test func `many routes move to another circuit a portion at a time`() throws {
        let owner = connected(try inputs())
        let routes = try (0..<2_500).map { number in
            AnnouncedRoute(
                try vpn("65001:1", "172.\(16 + number / 256).\(number % 256).0/24"), labels: .single(try label(777)))
        }
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                Update(announcing: routes, attributes: try attributes(targets: ["42:1", "42:2"]))))
        let effects = owner.handle(.configure(try inputs([:])))
        #expect(!effects.contains { if case .removeRoute = $0 { true } else { false } })
        #expect(owner.table.isSweeping)
        var portions = 0
        while owner.table.isSweeping {
            owner.sweep(limit: 500)
            portions += 1
        }
        #expect(portions == 5)
        #expect(owner.fib["one"]?.values.contains(Self.action) == false)
        #expect(owner.fib["two"]?.count { if case .labelled = $0.value { true } else { false } } == 2_500)
        #expect(owner.violations == [])
    }

    // MARK: Live change

    @Test
    func `from labels to circuits and back nothing is withdrawn, and the former label stays until the new one is read`()
        throws
    {
        let owner = connected(try inputs(nil))
        try announce(owner)
        let labelled = ForwardingAction.labelled(neighbor: FarEnd.first, label: try label(777))
        let first = try #require(try told(owner))
        var former = first
        let changes: [(gateways: [AddressFamily: CircuitGateway]?, wanted: ForwardingAction)] = [
            ([.ipv4: Self.gateway], Self.action), (nil, labelled),
        ]
        for (gateways, wanted) in changes {
            var effects = owner.handle(.configure(try inputs(gateways)))
            // The route is never without a way.
            let stores = effects.filter { if case .setRoute = $0 { true } else { false } }
            #expect(stores == [.setRoute(vrf: "one", prefix: try prefix(Self.place), wanted)])
            #expect(!effects.contains { if case .removeRoute = $0 { true } else { false } })
            // Nothing is told before the new label is installed, and the former one stays.
            effects += owner.pull(FarEnd.first, limit: 100)
            #expect(try told(owner) == former)
            #expect(owner.installed.contains { $0.label == former })
            owner.confirmOne()
            #expect(owner.toRemove == [])
            effects += owner.pull(FarEnd.first, limit: 100)
            let new = try #require(try told(owner))
            #expect(new != former)
            #expect(!effects.contains { if case .withdraw = $0 { true } else { false } })
            #expect(owner.toRemove.map(\.label) == [former])
            owner.drain()
            #expect(owner.table.labels.holder(of: former) == nil && owner.table.labels.quarantine[former] != nil)
            former = new
        }
        // A VRF that comes back in time has the label again that it had.
        #expect(former == first)
        #expect(owner.violations == [])
    }

    @Test func `a change that is taken back before the new label is valid leaves everything as it was`() throws {
        let owner = connected(try inputs(nil))
        try announce(owner)
        let before = (label: try told(owner), fib: owner.fib)
        owner.handle(.configure(try inputs()))
        owner.handle(.configure(try inputs(nil)))
        owner.drain()
        #expect(try told(owner) == before.label && owner.fib == before.fib)
        #expect(owner.table.labels.labels.count == 3)
        #expect(owner.violations == [])
    }

    @Test func `without a free label for the circuit the label that is valid does not stay`() throws {
        var with = try inputs()
        var without = try inputs(nil)
        (with.labelRange, without.labelRange) = (1000...1002, 1000...1002)
        let owner = connected(without)
        #expect(owner.installed.count == 3)
        owner.handle(.configure(with))
        owner.drain()
        #expect(owner.installed.map(\.vrf).sorted { $0 ?? "" < $1 ?? "" } == ["three", "two"])
        #expect(try told(owner) == nil)
        #expect(owner.violations == [])
    }

    @Test func `a session that comes up in the middle of a change gets the new label alone`() throws {
        let owner = connected(try inputs(nil))
        try announce(owner)
        let former = try told(owner)
        owner.handle(.configure(try inputs()))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        let new = try told(owner)
        #expect(new != nil && new != former && subject(owner, of: new)?.isValidNowhere == true)
        #expect(!owner.installed.contains { $0.label == former })
        #expect(owner.violations == [])
    }

    // MARK: Whose routes they are

    @Test func `its routes go to no other far end without transit, and are given on with it`() throws {
        var inputs = try inputs()
        inputs.vrfs["one"]?.eligibleNeighbors.insert(FarEnd.second)
        let owner = connected(inputs)
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 5)))
        try announce(owner)
        let given = try vpn("42:1", Self.place)
        #expect(owner.sent[FarEnd.second]?[given] == nil)
        inputs.vrfs["one"]?.allowsTransit = true
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[FarEnd.second]?[given] != nil)
        #expect(owner.sent[FarEnd.first]?[given] == nil)
        #expect(owner.violations == [])
    }

    @Test func `the core is told them with the mark`() throws {
        var inputs = try inputs()
        let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
        var neighbor = NeighborInputs(
            peer: reflector, remoteAutonomousSystem: 42, nni: NeighborIdentity.core,
            localAddress: .ipv4(IPv4Address(10, 0, 0, 1)))
        neighbor.families = [.vpnv4: .init(.internal)]
        neighbor.nniMark = LargeCommunity(42, 0, 1)
        inputs.neighbors[reflector] = neighbor
        inputs.vrfs["one"]?.eligibleNeighbors.insert(reflector)
        let owner = connected(inputs)
        owner.handle(.established(neighbor: reflector, session(identifier: 9)))
        try announce(owner)
        let sent = try #require(owner.sent[reflector]?[try vpn("42:1", Self.place)])
        #expect(sent.attributes.largeCommunities == [LargeCommunity(42, 0, 1)])
        #expect(subject(owner, of: sent.label) == .vrf(try #require(inputs.vrfs["one"]).identity))
    }
}
