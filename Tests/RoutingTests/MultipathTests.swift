import Addressing
import BGP
import Routing
import Testing

/// Which paths of a prefix are used at the same time.
@Suite struct MultipathTests {
    private static let text = "10.9.0.0/16"
    private static let mark = LargeCommunity(42, 0, 1)
    private static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))

    private func inputs(_ change: (inout MultipathLimits) -> Void) throws -> RoutingInputs {
        var inputs = try customerInputs()
        var limits = MultipathLimits()
        change(&limits)
        var neighbor = NeighborInputs(
            peer: Self.reflector, remoteAutonomousSystem: 42, nni: NeighborIdentity.core,
            localAddress: .ipv4(IPv4Address(10, 0, 0, 1)))
        neighbor.families = [.vpnv4: .init(.internal), .vpnv6: .init(.internal)]
        inputs.neighbors[Self.reflector] = neighbor
        inputs.vrfs["one"]?.eligibleNeighbors.insert(Self.reflector)
        inputs.vrfs["one"]?.maximumPaths = [.ipv4: limits]
        return inputs
    }

    private func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = withCustomers(inputs)
        owner.handle(.established(neighbor: Self.reflector, session(identifier: 9)))
        owner.drain()
        return owner
    }

    private func announceFromCore(
        _ owner: Owner, provider: UInt8, distinguisher: String? = nil, path: [UInt32] = [Customer.system],
        mark: LargeCommunity? = nil
    ) throws {
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: path),
            nextHop: BGPNextHop(.ipv4(IPv4Address(10, 0, 0, provider))))
        contents.extendedCommunities = [ExtendedCommunity(try target("42:1"))]
        contents.localPreference = 100
        contents.largeCommunities = [mark].compactMap { $0 }
        let key = try vpn(distinguisher ?? "42:\(provider)00", Self.text)
        owner.handle(
            .update(
                neighbor: Self.reflector,
                try announcement(key, label: 3000 + UInt32(provider), PathAttributes(contents))))
        owner.handle(.transportsChanged([.ipv4(IPv4Address(10, 0, 0, provider)): .resolved]))
    }

    private func overCore(_ provider: UInt8) throws -> ForwardingAction {
        .overCore(
            provider: .ipv4(IPv4Address(10, 0, 0, provider)), label: try label(3000 + UInt32(provider)),
            isMarked: false)
    }

    private var byFarEnd: ForwardingAction {
        get throws { .labelled(neighbor: FarEnd.first, label: try label(500)) }
    }

    @Test func `customers and far ends together, if their paths begin alike or that is not asked`() throws {
        var inputs = try inputs { $0.external = 4 }
        inputs.vrfs["one"]?.allowsTransit = true
        let owner = owner(inputs)
        try owner.announce(Self.text)
        try owner.announce(Self.text, from: Customer.other, path: [Customer.otherSystem])
        try owner.announceFromFarEnd(Self.text)
        #expect(try owner.action(Self.text) == byFarEnd, "three neighboring AS")
        inputs.vrfs["one"]?.maximumPaths[.ipv4]?.relaxesASPath = true
        owner.handle(.configure(inputs))
        let all = ForwardingAction.multipath([
            byNeighbor(), byNeighbor(Customer.other, "ten1/4"), try byFarEnd,
        ])
        #expect(try owner.action(Self.text) == all)
        inputs.vrfs["one"]?.maximumPaths[.ipv4]?.external = 2
        owner.handle(.configure(inputs))
        #expect(
            try owner.action(Self.text) == .multipath([byNeighbor(), try byFarEnd]),
            "the best, and of the others the one of the lowest identifier")
        inputs.vrfs["one"]?.maximumPaths = [:]
        owner.handle(.configure(inputs))
        #expect(try owner.action(Self.text) == byFarEnd)
        #expect(owner.violations.isEmpty)
    }

    @Test func `what is longer, preferred less, of another origin or with a higher MED is not used`() throws {
        let owner = owner(
            try inputs {
                $0.external = 4
                $0.relaxesASPath = true
            })
        try owner.announceFromFarEnd(Self.text)
        let changes: [(inout PathAttributes.Contents) -> Void] = [
            { $0.asPath = ASPath(sequence: [Customer.system, 7]) }, { $0.origin = .incomplete },
            { $0.communities = [.gracefulShutdown] },
        ]
        for change in changes {
            try owner.announce(Self.text, change: change)
            #expect(try owner.action(Self.text) == byFarEnd)
        }
        try owner.announce(Self.text)
        #expect(try owner.action(Self.text) == .multipath([byNeighbor(), try byFarEnd]))
        owner.handle(.nextHopChanged(neighbor: Customer.inOne, .unresolved))
        while owner.table.isSweeping { owner.sweep(limit: 700) }
        #expect(try owner.action(Self.text) == byFarEnd, "a neighbor whose Ethernet address is not known")
        #expect(owner.violations.isEmpty)
    }

    @Test func `PEs of the own network by a reflector, each once`() throws {
        let owner = owner(try inputs { $0.internal = 2 })
        try announceFromCore(owner, provider: 7)
        try announceFromCore(owner, provider: 7, distinguisher: "42:777")
        #expect(try owner.action(Self.text) == overCore(7), "two routes of one PE")
        try announceFromCore(owner, provider: 6)
        #expect(try owner.action(Self.text) == .multipath([try overCore(6), try overCore(7)]))
        try announceFromCore(owner, provider: 8)
        guard case .multipath(let members)? = try owner.action(Self.text) else {
            Issue.record("one path")
            return
        }
        #expect(members.count == 2)
        try owner.announce(Self.text)
        #expect(try owner.action(Self.text) == byNeighbor(), "an external path is better than all internal ones")
        #expect(owner.violations.isEmpty)
    }

    @Test func `external and internal ones together, and what is told stays the best`() throws {
        var inputs = try inputs { $0.mixed = 4 }
        inputs.vrfs["one"]?.allowsTransit = true
        let owner = owner(inputs)
        try announceFromCore(owner, provider: 7)
        try owner.announce(Self.text)
        owner.drain()
        #expect(try owner.action(Self.text) == .multipath([byNeighbor(), try overCore(7)]))
        let key = try vpn("42:1", Self.text)
        let told = try #require(owner.sent[FarEnd.first]?[key])
        #expect(told.attributes.asPath == ASPath(sequence: [42, Customer.system]))
        try owner.withdraw(Self.text)
        owner.drain()
        #expect(try owner.action(Self.text) == overCore(7))
        #expect(owner.violations.isEmpty)
    }

    /// A customer's path is told to everybody: who is led to it would reach the other operator's as well.
    @Test func `without transit no other operator's path stands beside an own one`() throws {
        var inputs = try inputs {
            $0.mixed = 4
            $0.relaxesASPath = true
        }
        inputs.neighbors[FarEnd.first]?.nniMark = Self.mark
        inputs.neighbors[Self.reflector]?.nniMark = Self.mark
        let owner = owner(inputs)
        try owner.announce(Self.text)
        owner.advance(to: seconds(1))
        try owner.announceFromFarEnd(Self.text)
        try announceFromCore(owner, provider: 7, mark: Self.mark)
        try announceFromCore(owner, provider: 8)
        #expect(
            try owner.action(Self.text) == .multipath([byNeighbor(), try overCore(8)]),
            "the oldest is the best; neither the far end's nor the other border's stands beside it")
        inputs.vrfs["one"]?.allowsTransit = true
        owner.handle(.configure(inputs))
        let marked = ForwardingAction.overCore(
            provider: .ipv4(IPv4Address(10, 0, 0, 7)), label: try label(3007), isMarked: true)
        #expect(
            try owner.action(Self.text) == .multipath([byNeighbor(), try byFarEnd, marked, try overCore(8)]))
        inputs.vrfs["one"]?.allowsTransit = false
        owner.handle(.configure(inputs))
        #expect(try owner.action(Self.text) == .multipath([byNeighbor(), try overCore(8)]))
        #expect(owner.violations.isEmpty)
    }

    /// Where the best is another operator's, nobody is told of it but with the mark: own paths may stand beside it.
    @Test func `an own path stands beside another operator's`() throws {
        let owner = owner(
            try inputs {
                $0.external = 4
                $0.relaxesASPath = true
            })
        try owner.announceFromFarEnd(Self.text)
        owner.advance(to: seconds(1))
        try owner.announce(Self.text)
        #expect(try owner.action(Self.text) == .multipath([byNeighbor(), try byFarEnd]))
        #expect(owner.violations.isEmpty)
    }

    /// What comes from the core cannot go back there: it has the external ones alone.
    @Test func `external ones are used before internal ones, whoever has the lower identifier`() throws {
        let owner = owner(
            try inputs {
                $0.mixed = 2
                $0.relaxesASPath = true
            })
        try owner.announce(Self.text)
        owner.advance(to: seconds(1))
        try owner.announce(Self.text, from: Customer.other, path: [Customer.otherSystem])
        try announceFromCore(owner, provider: 7)
        #expect(
            try owner.action(Self.text) == .multipath([byNeighbor(), byNeighbor(Customer.other, "ten1/4")]))
        #expect(owner.violations.isEmpty)
    }
}
