import Addressing
import BGP
import Routing
import Testing

/// Which paths of a prefix are used at the same time.
@Suite struct MultipathTests {
    private static let text = "10.9.0.0/16"
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
        _ owner: Owner, provider: UInt8, distinguisher: String? = nil, path: [UInt32] = [Customer.system]
    ) throws {
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: path),
            nextHop: BGPNextHop(.ipv4(IPv4Address(10, 0, 0, provider))))
        contents.extendedCommunities = [ExtendedCommunity(try target("42:1"))]
        contents.localPreference = 100
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
}
