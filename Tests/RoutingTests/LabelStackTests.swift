import Addressing
import BGP
import Routing
import Testing

/// VPN routes that come with two labels (RFC 8277 §2.3): the label of a label space, and the VPN's own below it.
@Suite struct LabelStackTests {
    private static let stacks: Set<SessionFamily> = [.vpnv4, .vpnv6]
    private let route: VPNPrefix

    init() throws { route = try vpn("65001:1", "10.2.0.0/16") }

    /// An owner with a session of which both sides have the Multiple Labels capability.
    private func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session(multipleLabels: Self.stacks)))
        return owner
    }

    private func announce(_ labels: [UInt32], _ owner: Owner, _ route: VPNPrefix? = nil) throws {
        let stack = try #require(LabelStack(try labels.map { try label($0) }))
        let announced = AnnouncedRoute(route ?? self.route, labels: stack)
        let update = Update(announcing: [announced], attributes: try attributes(targets: ["42:1"]))
        owner.handle(.update(neighbor: FarEnd.first, update))
    }

    private func rejections(_ owner: Owner) -> [RouteRejection: UInt64] {
        rejections(owner, of: FarEnd.first)
    }

    private func rejections(_ owner: Owner, of peer: PeerAddress) -> [RouteRejection: UInt64] {
        let counts = owner.table.neighborSummary(peer)?.families[.vpnv4]?.rejectedCount ?? [:]
        return counts.filter { $0.value > 0 }
    }

    @Test func `a route with two is used under both`() throws {
        let owner = owner(try noteInputs())
        try announce([1999, 500], owner)
        let action = ForwardingAction.labelled(neighbor: FarEnd.first, label: try label(500), under: try label(1999))
        #expect(owner.fib["one"]?[route.prefix] == action)
        let received = owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, among: [.vpn(route)])
        #expect(received.map(\.label?.rawValue) == [500])
        #expect(received.map(\.outerLabel?.rawValue) == [1999])
        // One of another space, and one that stands alone, are other ways.
        try announce([1998, 500], owner)
        let other = ForwardingAction.labelled(neighbor: FarEnd.first, label: try label(500), under: try label(1998))
        #expect(owner.fib["one"]?[route.prefix] == other)
        try announce([500], owner)
        #expect(owner.fib["one"]?[route.prefix] == .labelled(neighbor: FarEnd.first, label: try label(500)))
        #expect(rejections(owner).isEmpty)
    }

    @Test(
        arguments: [
            ([1999, 500, 501], RouteRejection.tooManyLabels), ([1999, 3], .reservedLabel), ([0, 500], .reservedLabel),
            ([7, 500], .reservedLabel),
        ] as [([UInt32], RouteRejection)])
    func `a route with others counts as withdrawn`(labels: [UInt32], reason: RouteRejection) throws {
        let owner = owner(try noteInputs())
        try announce([1999, 500], owner)
        try announce(labels, owner)
        #expect(owner.fib["one"]?[route.prefix] == nil)
        #expect(rejections(owner) == [reason: 1])
    }

    @Test func `without the capability two are too many, and in the own network always`() throws {
        var inputs = try Border.inputs()
        inputs.vrfs["one"]?.importTargets = [try target("42:7")]
        let owner = Owner()
        owner.handle(.configure(inputs))
        for peer in Border.all {
            let stacks = peer == Border.first ? [] : Self.stacks
            owner.handle(
                .established(
                    neighbor: peer, session(identifier: Border.number(of: peer), multipleLabels: stacks)))
        }
        let stack = LabelStack.multiple([try label(1999), try label(100)])
        for (peer, name) in [(Border.first, "65001:7"), (Border.reflector, "42:7")] {
            let update = Update(
                announcing: [AnnouncedRoute(route, labels: stack)],
                attributes: try Border.attributes(from: peer, [name]))
            owner.handle(.update(neighbor: peer, update))
            #expect(rejections(owner, of: peer) == [.moreThanOneLabel: 1], "\(peer)")
        }
        #expect(owner.fib["one"]?[route.prefix] == nil)
    }

    /// A label that is relayed is one of the far end's next hop and its whole stack.
    @Test func `a relay has a label for each stack, which is swapped for all of it`() throws {
        let inputs = try Border.inputs()
        let owner = Owner()
        owner.handle(.configure(inputs))
        for peer in Border.all {
            let stacks = Border.isInternal(peer) ? [] : Self.stacks
            owner.handle(
                .established(
                    neighbor: peer, session(identifier: Border.number(of: peer), multipleLabels: stacks)))
        }
        owner.drain()
        let routes = try (1...4).map { try vpn("65001:1", "10.9.\($0).0/24") }
        for (route, numbers) in zip(routes, [[1999, 100], [1999, 100], [1998, 100], [100]] as [[UInt32]]) {
            let stack = try #require(LabelStack(try numbers.map { try label($0) }))
            let update = Update(
                announcing: [AnnouncedRoute(route, labels: stack)],
                attributes: try Border.attributes(from: Border.first, ["65001:7"]))
            owner.handle(.update(neighbor: Border.first, update))
        }
        owner.drain()
        let identity = try #require(inputs.neighbors[Border.first]?.identity)
        for (route, numbers) in zip(routes, [[1999, 100], [1999, 100], [1998, 100], [100]] as [[UInt32]]) {
            let target = SwapTarget(way: .neighbor(identity), labels: try numbers.map { try label($0) })
            #expect(owner.way(of: route, at: Border.reflector) == target)
        }
        let labels = routes.map { owner.sent[Border.reflector]?[$0]?.label }
        #expect(labels[0] == labels[1] && Set(labels).count == 3)
        // With the last route of a stack its label is gone at once, and no other.
        let gone = try #require(labels[2])
        owner.withdraw(routes[2], from: Border.first)
        #expect(!owner.installed.contains { $0.neighbor == Border.reflector && $0.label == gone })
        #expect(owner.way(of: routes[3], at: Border.reflector)?.labels == [try label(100)])
        owner.drain()
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `each stack counts for the neighbor's labels`() throws {
        var inputs = try noteInputs()
        inputs.neighbors[FarEnd.first]?.maximumLabels = 2
        let owner = owner(inputs)
        for (position, labels) in ([[1999, 500], [1999, 501], [1998, 500]] as [[UInt32]]).enumerated() {
            try announce(labels, owner, try vpn("65001:1", "10.2.\(position).0/24"))
        }
        #expect(rejections(owner) == [.maximumLabels: 1])
        #expect(owner.table.neighborSummary(FarEnd.first)?.labelCount == 2)
        // One that is held goes where the limit becomes lower: the highest.
        inputs.neighbors[FarEnd.first]?.maximumLabels = 1
        owner.handle(.configure(inputs))
        #expect(owner.fib["one"]?[try prefix("10.2.0.0/24")] != nil)
        #expect(owner.fib["one"]?[try prefix("10.2.1.0/24")] == nil)
    }
}
