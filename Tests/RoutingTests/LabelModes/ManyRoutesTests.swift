import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// A VRF with as many routes as may not be looked at in one turn changes what its labels mean. What a turn does is counted in routes
/// and labels, and not in time.
@Suite struct ManyRoutesTests {
    private static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
    private static let count = 1_800
    /// So many routes may be looked at at once, and a quarter of what is swept in a portion.
    private static let (atOnce, portion, sweptInAPortion) = (1_000, 500, 2_000)

    /// The note's box with customers and a reflector, and VRF one in this mode.
    private static func inputs(_ mode: LabelMode, labels: ClosedRange<UInt32> = 20_000...79_999) throws -> RoutingInputs
    {
        var inputs = try customerInputs()
        var neighbor = NeighborInputs(
            peer: reflector, remoteAutonomousSystem: 42, nni: NeighborIdentity.core,
            localAddress: .ipv4(IPv4Address(10, 0, 0, 1)))
        neighbor.families = [.vpnv4: .init(.internal)]
        inputs.neighbors[reflector] = neighbor
        inputs.labelRange = labels
        inputs.labelQuarantineSeconds = 300
        for name in inputs.vrfs.keys { inputs.vrfs[name]?.eligibleNeighbors = [reflector] }
        inputs.vrfs["one"]?.labelMode = mode
        inputs.vrfs["one"]?.maximumLabels = 1 << 20
        return inputs
    }

    private static func prefixes() throws -> [IPPrefix] {
        try (0..<count).map { try prefix("11.\($0 >> 8).\($0 & 0xFF).0/24") }
    }

    private static func owner(_ inputs: RoutingInputs) throws -> Owner {
        let owner = withCustomers(inputs)
        owner.handle(.established(neighbor: reflector, session(identifier: 9)))
        for prefix in try prefixes() { try owner.announce("\(prefix)") }
        drain(owner)
        return owner
    }

    private static func drain(_ owner: Owner) {
        owner.drain()
        while owner.table.isSweeping {
            owner.sweep(limit: sweptInAPortion)
            owner.drain()
        }
    }

    /// The labels of the routes of VRF one that the reflector has.
    private static func labels(_ owner: Owner) -> [MPLSLabel] {
        let sent: [VPNPrefix: Owner.Sent] = owner.sent[reflector] ?? [:]
        var labels: [MPLSLabel] = []
        for (route, sent) in sent where route.routeDistinguisher == RouteDistinguisher("42:1") {
            labels.append(sent.label)
        }
        return labels
    }

    private static func installed(_ effects: [RoutingEffect]) -> Int {
        effects.count { if case .installLabel = $0 { true } else { false } }
    }

    private static func removed(_ effects: [RoutingEffect]) -> Int {
        effects.count { if case .removeLabel = $0 { true } else { false } }
    }

    private static func withdrawn(_ effects: [RoutingEffect]) -> Int {
        effects.reduce(0) { if case .withdraw(_, let routes) = $1 { $0 + routes.count } else { $0 } }
    }

    @Test func `a change of the mode is carried out in portions, and no route is without a label meanwhile`() throws {
        let owner = try Self.owner(try Self.inputs(.perVRF))
        let all = Self.labels(owner).count
        #expect(all == Self.count + 2 && Set(Self.labels(owner)).count == 1)

        #expect(Self.installed(owner.handle(.configure(try Self.inputs(.perPrefix)))) <= Self.atOnce)
        #expect(owner.table.isSweeping)
        var turns = 0
        while owner.table.isSweeping {
            #expect(Self.installed(owner.sweep(limit: Self.sweptInAPortion)) <= Self.portion)
            // The neighbor asks for everything while a part has been looked at.
            if turns == 1 { owner.handle(.routeRefresh(neighbor: Self.reflector, SessionFamily.vpnv4.identifier)) }
            while owner.withOutput.contains(Self.reflector) {
                #expect(Self.withdrawn(owner.pull(Self.reflector, limit: 500)) == 0)
            }
            if turns.isMultiple(of: 4) { owner.confirmAll() }
            #expect(Self.labels(owner).count == all)
            turns += 1
        }
        #expect(turns >= Self.count / Self.portion)
        Self.drain(owner)
        #expect(Self.labels(owner).count == all && Set(Self.labels(owner)).count == all)
        #expect(owner.violations.isEmpty)
    }

    @Test func `back to one label for all no turn takes back more than a portion`() throws {
        let owner = try Self.owner(try Self.inputs(.perPrefix))
        let all = Self.labels(owner).count
        #expect(Set(Self.labels(owner)).count == all)
        owner.handle(.configure(try Self.inputs(.perVRF)))
        while owner.table.isSweeping || owner.withOutput.contains(Self.reflector) || !owner.toInstall.isEmpty {
            #expect(Self.removed(owner.sweep(limit: Self.sweptInAPortion)) <= Self.atOnce)
            while owner.withOutput.contains(Self.reflector) {
                let effects = owner.pull(Self.reflector, limit: 500)
                #expect(Self.withdrawn(effects) == 0 && Self.removed(effects) <= Self.atOnce)
            }
            owner.confirmAll()
        }
        #expect(Self.labels(owner).count == all && Set(Self.labels(owner)).count == 1)
        #expect(owner.violations.isEmpty)
    }

    @Test func `where labels run out the routes beyond are refused, and come when the mode is changed back`() throws {
        let owner = try Self.owner(try Self.inputs(.perVRF, labels: 20_000...21_599))
        let all = Self.labels(owner).count
        owner.handle(.configure(try Self.inputs(.perPrefix, labels: 20_000...21_599)))
        Self.drain(owner)
        let labels = Self.labels(owner)
        // An eighth of 1,600 is kept for whole VRFs.
        #expect(labels.count <= 1_400 && labels.count > 1_390 && Set(labels).count == labels.count)
        #expect(owner.table.vrfsWithoutFreeLabel == ["one"])
        #expect(owner.log.count { if case .labelsExhausted = $0 { true } else { false } } == 1)
        owner.handle(.configure(try Self.inputs(.perVRF, labels: 20_000...21_599)))
        Self.drain(owner)
        #expect(Self.labels(owner).count == all && Set(Self.labels(owner)).count == 1)
        #expect(owner.table.vrfsWithoutFreeLabel.isEmpty && owner.violations.isEmpty)
    }

    @Test func `a session that comes up is told all before its End-of-RIB`() throws {
        let owner = try Self.owner(try Self.inputs(.perPrefix))
        let all = Self.labels(owner).count
        owner.handle(.down(neighbor: Self.reflector, gracefulRestart: nil))
        Self.drain(owner)
        #expect(
            Self.installed(owner.handle(.established(neighbor: Self.reflector, session(identifier: 9)))) <= Self.atOnce)
        while owner.table.isSweeping {
            #expect(owner.endOfRIBSent[Self.reflector, default: []].isEmpty)
            #expect(Self.installed(owner.sweep(limit: Self.sweptInAPortion)) <= Self.portion)
            owner.drain()
        }
        owner.drain()
        #expect(owner.endOfRIBSent[Self.reflector]?.contains(SessionFamily.vpnv4.identifier) == true)
        #expect(Self.labels(owner).count == all && owner.violations.isEmpty)
    }
}
