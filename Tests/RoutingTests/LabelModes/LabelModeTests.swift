import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// What the labels of a VRF's routes mean: the VRF, a next hop, a prefix. What all modes have in common with any network is in
/// ``RoutingPropertyTests``.
@Suite struct LabelModeTests {
    private static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))

    /// The note's box with customers, a reflector, and VRF one in this mode.
    private static func inputs(_ mode: LabelMode) throws -> RoutingInputs {
        var inputs = try customerInputs()
        var neighbor = NeighborInputs(
            peer: reflector, remoteAutonomousSystem: 42, nni: NeighborIdentity.core,
            localAddress: .ipv4(IPv4Address(10, 0, 0, 1)))
        neighbor.families = [.vpnv4: .init(.internal), .vpnv6: .init(.internal)]
        neighbor.announcedRestartSeconds = 90
        inputs.neighbors[reflector] = neighbor
        for name in inputs.vrfs.keys { inputs.vrfs[name]?.eligibleNeighbors.insert(reflector) }
        inputs.vrfs["one"]?.labelMode = mode
        return inputs
    }

    /// Three routes by one customer and two by another, beside the connected subnets.
    private static func owner(_ inputs: RoutingInputs) throws -> Owner {
        let owner = withCustomers(inputs)
        owner.handle(.established(neighbor: reflector, session(identifier: 9, restart: gracefulRestart())))
        for text in ["10.20.0.0/16", "10.21.0.0/16", "10.22.0.0/16"] { try owner.announce(text) }
        for text in ["10.30.0.0/16", "10.31.0.0/16"] {
            try owner.announce(text, from: Customer.other, path: [Customer.otherSystem])
        }
        owner.drain()
        return owner
    }

    private static func owner(_ mode: LabelMode) throws -> Owner { try owner(inputs(mode)) }

    private static let all = [
        "10.20.0.0/16", "10.21.0.0/16", "10.22.0.0/16", "10.30.0.0/16", "10.31.0.0/16", "10.1.0.0/24", "10.4.0.0/24",
    ]

    private static func label(
        _ owner: Owner, _ text: String, at peer: PeerAddress = reflector
    ) throws -> MPLSLabel? {
        owner.sent[peer]?[try vpn("42:1", text)]?.label
    }

    private static func labels(_ owner: Owner, _ texts: [String] = all) throws -> [MPLSLabel?] {
        try texts.map { try label(owner, $0) }
    }

    /// Where the label of a route leads; `nil`: it is the VRF's.
    private static func way(_ owner: Owner, _ text: String) throws -> VRFWay?? {
        owner.labelWays(to: reflector)[try vpn("42:1", text)]
    }

    private static func way(by circuit: InterfaceNumber, _ text: String) throws -> VRFWay?? {
        .some(VRFWay(family: .ipv4, action: .gateway(circuit: circuit, address: try address(text))))
    }

    @Test func `per VRF there is one label`() throws {
        let owner = try Self.owner(.perVRF)
        #expect(try Set(Self.labels(owner)).count == 1)
        #expect(owner.labelWays.isEmpty && owner.violations.isEmpty)
    }

    @Test func `per next hop there is one for each customer, and the VRF's for connected subnets`() throws {
        let owner = try Self.owner(.perNextHop)
        let labels = try Self.labels(owner)
        #expect(!labels.contains(nil))
        #expect(Set(labels[0...2]).count == 1 && Set(labels[3...4]).count == 1 && Set(labels[5...6]).count == 1)
        #expect(Set(labels).count == 3)
        #expect(try Self.way(owner, "10.20.0.0/16") == Self.way(by: "ten1/1", "10.1.0.2"))
        #expect(try Self.way(owner, "10.31.0.0/16") == Self.way(by: "ten1/4", "10.4.0.2"))
        #expect(try Self.way(owner, "10.1.0.0/24") == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `per prefix each route has one, and the VRF has none`() throws {
        let owner = try Self.owner(.perPrefix)
        let labels = try Self.labels(owner)
        #expect(!labels.contains(nil) && Set(labels).count == labels.count)
        #expect(try Self.way(owner, "10.30.0.0/16") == Self.way(by: "ten1/4", "10.4.0.2"))
        #expect(try Self.way(owner, "10.1.0.0/24") == .some(nil))
        let ofOne = owner.installed.filter { $0.neighbor == Self.reflector && $0.vrf == "one" }
        // And the connected subnet of IPv6.
        #expect(ofOne.count == labels.count + 1)
        #expect(owner.violations.isEmpty)
    }

    @Test(arguments: LabelMode.allCases)
    func `to an Option E neighbor it is the VRF's`(mode: LabelMode) throws {
        let owner = try Self.owner(mode)
        let labels = try Self.all.map { try Self.label(owner, $0, at: FarEnd.first) }
        #expect(!labels.contains(nil) && Set(labels).count == 1)
        #expect(owner.installed.filter { $0.neighbor == FarEnd.first && $0.vrf == "one" }.count == 1)
    }

    @Test func `the label of a prefix stays when its next hop is another`() throws {
        let owner = try Self.owner(.perPrefix)
        let before = try Self.label(owner, "10.20.0.0/16")
        try owner.announce("10.20.0.0/16", from: Customer.other, path: [Customer.otherSystem])
        owner.drain()
        owner.handle(.update(neighbor: Customer.inOne, Update(withdrawing: [.unicast(try prefix("10.20.0.0/16"))])))
        #expect(try Self.way(owner, "10.20.0.0/16") == Self.way(by: "ten1/4", "10.4.0.2"))
        owner.drain()
        #expect(try Self.label(owner, "10.20.0.0/16") == before)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a route that changes its next hop has the old label until the new one is valid`() throws {
        let owner = try Self.owner(.perNextHop)
        let labels = try Self.labels(owner)
        try owner.announce("10.20.0.0/16", from: Customer.inOne, nextHop: BGPNextHop(address("10.1.0.77")))
        owner.pull(Self.reflector, limit: 100)
        #expect(try Self.label(owner, "10.20.0.0/16") == labels[0])
        owner.drain()
        let label = try Self.label(owner, "10.20.0.0/16")
        #expect(label != nil && !labels.contains(label))
        #expect(try Self.label(owner, "10.21.0.0/16") == labels[1])
        #expect(try Self.way(owner, "10.20.0.0/16") == Self.way(by: "ten1/1", "10.1.0.77"))
        #expect(owner.violations.isEmpty)
    }

    @Test func `packets to a next hop that is gone are looked up until the neighbor has read that`() throws {
        let owner = try Self.owner(.perNextHop)
        let label = try #require(try Self.label(owner, "10.30.0.0/16"))
        let binding = try #require(owner.installed.first { $0.label == label })
        var effects = owner.handle(
            .update(
                neighbor: Customer.other,
                Update(withdrawing: [.unicast(try prefix("10.30.0.0/16")), .unicast(try prefix("10.31.0.0/16"))])))
        #expect(effects.contains(.setWay(binding, nil)))
        #expect(owner.installed.contains(binding))
        effects = owner.pull(Self.reflector, limit: 100)
        #expect(effects.last == .removeLabel(binding, .whenWithdrawalsAreRead))
        owner.drain()
        #expect(owner.violations.isEmpty)
    }

    @Test func `a next hop that a better path only hides goes on to be used by who has not heard of that`() throws {
        let owner = try Self.owner(.perNextHop)
        for text in ["10.30.0.0/16", "10.31.0.0/16"] {
            let effects = try owner.better(text)
            #expect(!effects.contains { if case .setWay(_, nil) = $0 { true } else { false } })
        }
        owner.drain()
        #expect(owner.violations.isEmpty)
    }

    /// From every mode to every other: no route is withdrawn, each is valid with the label that it has, at every moment.
    @Test(arguments: LabelMode.allCases, LabelMode.allCases)
    func `another mode loses no route`(from: LabelMode, to: LabelMode) throws {
        let owner = try Self.owner(from)
        let before = try Self.labels(owner)
        var effects = owner.handle(.configure(try Self.inputs(to)))
        func check() throws {
            for text in Self.all {
                let label = try #require(try Self.label(owner, text))
                #expect(owner.installed.contains { $0.label == label && $0.neighbor == Self.reflector })
            }
        }
        for _ in 0..<100 {
            effects += owner.pull(Self.reflector, limit: 1)
            try check()
            owner.confirmOne()
            try check()
        }
        owner.drain()
        try check()
        #expect(!effects.contains { if case .withdraw = $0 { true } else { false } })
        let after = try Self.labels(owner)
        #expect((before == after) == (from == to))
        let ofOne = owner.installed.filter { $0.neighbor == Self.reflector && $0.vrf == "one" }
        #expect(ofOne.count == [.perVRF: 1, .perNextHop: 3, .perPrefix: Self.all.count + 1][to])
        #expect(owner.violations.isEmpty)
    }

    @Test func `a label that is on its way out and is called for again is waited for`() throws {
        let owner = try Self.owner(.perVRF)
        owner.handle(.configure(try Self.inputs(.perPrefix)))
        while !owner.toInstall.isEmpty { owner.confirmOne() }
        var effects = owner.pull(Self.reflector, limit: 100)
        #expect(owner.toRemove.count == 1)
        effects += owner.handle(.configure(try Self.inputs(.perVRF)))
        effects += owner.pull(Self.reflector, limit: 100)
        #expect(!effects.contains { if case .withdraw = $0 { true } else { false } })
        owner.drain()
        #expect(try Set(Self.labels(owner)).count == 1)
        #expect(owner.violations.isEmpty)
    }

    @Test func `where labels run out the others are not advertised, and get one when it is free`() throws {
        var inputs = try Self.inputs(.perPrefix)
        inputs.vrfs["two"] = nil
        inputs.vrfs["three"] = nil
        inputs.neighbors[Customer.inTwo] = nil
        // One for the far end, an eighth for whole VRFs: four for routes.
        inputs.labelRange = 1000...1005
        let owner = try Self.owner(inputs)
        let labels = try Self.labels(owner).compactMap { $0 }
        #expect(labels.count == 4 && Set(labels).count == 4)
        #expect(owner.log.count { $0 == .labelsExhausted(vrf: "one", neighbor: Self.reflector) } == 1)
        #expect(owner.table.vrfsWithoutFreeLabel == ["one"])
        let lost = try #require(try Self.all.first { try Self.label(owner, $0) == nil })
        let had = try #require(try Self.all.first { try Self.label(owner, $0) != nil && $0 < "10.3" && $0 > "10.2" })
        try owner.withdraw(had)
        owner.drain()
        #expect(try Self.label(owner, lost) == nil, "a label in quarantine goes to nobody")
        owner.advance(to: owner.now.advanced(bySeconds: inputs.labelQuarantineSeconds + 2))
        owner.drain()
        #expect(try Self.labels(owner).compactMap { $0 }.count == 4)
        #expect(owner.violations.isEmpty)
    }

    /// One is tried again at a time, and routes are tried that may not take what is kept for whole VRFs.
    @Test func `a VRF gets its label however many routes have none`() throws {
        let whole = try Self.inputs(.perPrefix).vrfs
        var inputs = try Self.inputs(.perPrefix)
        inputs.vrfs["two"] = nil
        inputs.vrfs["three"] = nil
        inputs.neighbors[Customer.inTwo] = nil
        // Two are kept for whole VRFs.
        inputs.labelRange = 1000...1015
        let owner = Owner(RoutingTable(generator: SeededGenerator(seed: 1), labelRetryLimit: 1))
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.handle(.established(neighbor: Customer.inOne, customerSession()))
        owner.handle(.established(neighbor: Self.reflector, session(identifier: 9)))
        for number in 0..<40 { try owner.announce("10.20.\(number).0/24") }
        owner.drain()
        #expect(owner.installed.count == 14)
        inputs.vrfs["two"] = whole["two"]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.installed.count == 16)
        inputs.vrfs["three"] = whole["three"]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.table.vrfsWithoutFreeLabel == ["one", "three"])
        inputs.vrfs["two"] = nil
        owner.handle(.configure(inputs))
        owner.drain()
        owner.advance(to: owner.now.advanced(bySeconds: inputs.labelQuarantineSeconds + 5))
        owner.drain()
        #expect(owner.table.vrfsWithoutFreeLabel == ["one"])
        #expect(owner.installed.count { $0.vrf == "three" } == 2)
        #expect(owner.violations.isEmpty)
    }

    @Test func `labels are the same after a restart`() throws {
        for mode in LabelMode.allCases {
            let inputs = try Self.inputs(mode)
            let owner = try Self.owner(inputs)
            let labels = try Self.labels(owner)
            var allocations = Allocations()
            allocations.labels = owner.saved
            let read = try AllocationsFile.decode(AllocationsFile.encode(allocations))
            #expect(read == allocations)
            let table = RoutingTable(labels: read.labels, generator: SeededGenerator(seed: 7))
            let again = Owner(table)
            again.handle(.configure(inputs))
            again.handle(.established(neighbor: FarEnd.first, session()))
            for (number, peer) in [Customer.inOne, Customer.other].enumerated() {
                again.handle(.established(neighbor: peer, customerSession(UInt8(20 + number))))
            }
            again.handle(.established(neighbor: Self.reflector, session(identifier: 9)))
            for text in Self.all.prefix(3) { try again.announce(text) }
            for text in Self.all[3...4] { try again.announce(text, from: Customer.other, path: [Customer.otherSystem]) }
            again.drain()
            // Nothing was awaited, so that what no route called for at once has been in quarantine, and comes back from there.
            #expect(try Self.labels(again) == labels, "\(mode)")
            #expect(again.violations.isEmpty, "\(mode)")
        }
    }

    /// What a neighbor goes on using while it is away leads where its routes do.
    @Test func `the label of a prefix follows its route while the neighbor restarts`() throws {
        let owner = try Self.owner(.perPrefix)
        let label = try #require(try Self.label(owner, "10.20.0.0/16"))
        let binding = try #require(owner.installed.first { $0.label == label })
        owner.handle(.down(neighbor: Self.reflector, gracefulRestart: gracefulRestart()))
        #expect(owner.installed.contains(binding))
        try owner.withdraw("10.20.0.0/16")
        #expect(owner.labelWays[binding] == .some(nil))
        try owner.announce("10.20.0.0/16", from: Customer.other, path: [Customer.otherSystem])
        #expect(try owner.labelWays[binding] == Self.way(by: "ten1/4", "10.4.0.2"))
        owner.handle(.established(neighbor: Self.reflector, session(identifier: 9, restart: gracefulRestart())))
        owner.drain()
        #expect(try Self.label(owner, "10.20.0.0/16") == label)
        #expect(owner.violations.isEmpty)
    }

    /// What becomes of the VRF or the neighbor while the neighbor is away for a restart.
    enum Loss: CaseIterable {
        case vrf, routeDistinguisher, eligibility

        func take(from inputs: inout RoutingInputs) {
            switch self {
            case .vrf:
                inputs.vrfs["one"] = nil
                inputs.neighbors[Customer.inOne] = nil
                inputs.neighbors[Customer.other] = nil
            case .routeDistinguisher:
                inputs.vrfs["one"]?.routeDistinguisher = RouteDistinguisher(rawValue: 42 << 32 | 77)
            case .eligibility: inputs.vrfs["one"]?.eligibleNeighbors.remove(LabelModeTests.reflector)
            }
        }
    }

    @Test(arguments: Loss.allCases, [LabelMode.perNextHop, .perPrefix])
    func `labels of a VRF that loses its part while the neighbor restarts end with that`(
        loss: Loss, mode: LabelMode
    ) throws {
        let owner = try Self.owner(mode)
        let labels = owner.installed.filter { $0.neighbor == Self.reflector && $0.vrf == "one" }
        #expect(labels.count >= 3)
        owner.handle(.down(neighbor: Self.reflector, gracefulRestart: gracefulRestart()))
        var inputs = try Self.inputs(mode)
        loss.take(from: &inputs)
        owner.handle(.configure(inputs))
        owner.drain()
        owner.handle(.established(neighbor: Self.reflector, session(identifier: 9, restart: gracefulRestart())))
        owner.drain()
        #expect(owner.installed.isDisjoint(with: labels))
        #expect(owner.violations.isEmpty)
    }

    @Test func `and stay where it has its part again before the neighbor is back`() throws {
        let owner = try Self.owner(.perPrefix)
        let label = try Self.label(owner, "10.20.0.0/16")
        owner.handle(.down(neighbor: Self.reflector, gracefulRestart: gracefulRestart()))
        var inputs = try Self.inputs(.perPrefix)
        Loss.eligibility.take(from: &inputs)
        owner.handle(.configure(inputs))
        owner.handle(.configure(try Self.inputs(.perPrefix)))
        owner.handle(.established(neighbor: Self.reflector, session(identifier: 9, restart: gracefulRestart())))
        owner.drain()
        #expect(try Self.label(owner, "10.20.0.0/16") == label)
        #expect(owner.violations.isEmpty)
    }

    @Test(arguments: LabelMode.allCases, [true, false])
    func `a neighbor that is removed takes its labels with it, whether it is away or not`(
        mode: LabelMode, isAway: Bool
    ) throws {
        let owner = try Self.owner(mode)
        if isAway { owner.handle(.down(neighbor: Self.reflector, gracefulRestart: gracefulRestart())) }
        var inputs = try Self.inputs(mode)
        inputs.neighbors[Self.reflector] = nil
        owner.handle(.configure(inputs))
        #expect(owner.validWithoutSession() == [])
        owner.drain()
        owner.handle(.configure(try Self.inputs(mode)))
        owner.handle(.established(neighbor: Self.reflector, session(identifier: 9, restart: gracefulRestart())))
        owner.drain()
        #expect(try !Self.labels(owner).contains(nil))
        #expect(owner.violations.isEmpty)
    }
}

extension Owner {
    /// The other customer of the VRF announces a better route than the one that is there.
    fileprivate func better(_ text: String) throws -> [RoutingEffect] {
        var contents = PathAttributes.Contents(
            asPath: ASPath(sequence: [Customer.system]), nextHop: BGPNextHop(Customer.inOne.address))
        contents.origin = .igp
        let attributes = PathAttributes(contents)
        return handle(
            .update(
                neighbor: Customer.inOne,
                Update(announcing: [AnnouncedRoute(unicast: try prefix(text))], attributes: attributes)))
    }
}
