import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// Tunnels by ingress replication that end at the border and begin anew (RFC 6514 §9.2.3): what is answered, and where copies go.
@Suite struct SegmentationPointTests {
    private let first: SwapTarget.Way
    private let second: SwapTarget.Way
    private let provider = SwapTarget.Way.provider(Border.provider)

    init() throws {
        let neighbors = try SignallingBorder.inputs().neighbors
        first = .neighbor(try #require(neighbors[Border.first]?.identity))
        second = .neighbor(try #require(neighbors[Border.second]?.identity))
    }

    private func owner(
        segmented: Set<PeerAddress> = [Border.first, Border.second], transit: Set<PeerAddress> = []
    ) throws -> Owner { SignallingBorder.owner(try SignallingBorder.inputs(transit: transit, segmented: segmented)) }

    private func copy(_ way: SwapTarget.Way, _ number: UInt32) throws -> SwapTarget {
        SwapTarget(way: way, labels: [try label(number)])
    }

    /// A tunnel that asks its leaves for labels, said by who is behind a neighbor.
    private func ask(_ system: UInt32, from peer: PeerAddress, _ owner: Owner) throws {
        let root: [UInt8] = Border.isInternal(peer) ? [10, 0, 0, 7] : [1, 2, 3, 4]
        let tunnel = SignallingBorder.replication(label: 0, to: root, isAsking: true)
        try owner.announce(
            try SignallingBorder.selective(of: system), from: peer, ["\(system):7"], tunnel: tunnel)
    }

    private func join(
        _ system: UInt32, _ leaf: [UInt8], from peer: PeerAddress, naming target: String, label: UInt32, _ owner: Owner,
        communities: [Community] = []
    ) throws {
        var attributes = try Border.attributes(from: peer, [target])
        attributes.pmsiTunnel = SignallingBorder.replication(label: label, to: leaf)
        attributes.communities = communities
        let route = AnnouncedRoute(try SignallingBorder.leaf(of: system, from: leaf))
        owner.hear(Update(announcing: [route], attributes: attributes), from: peer)
    }

    private func withdraw(_ route: MulticastVPNRoute, from peer: PeerAddress, _ owner: Owner) {
        owner.handle(.update(neighbor: peer, Update(withdrawing: [.multicastVPN(route)])))
    }

    /// What the box has answered to a neighbor, and where its label's copies go.
    private func answer(
        to system: UInt32, _ own: [UInt8], at peer: PeerAddress, _ owner: Owner
    ) throws -> (attributes: PathAttributes, label: UInt32, copies: [SwapTarget]?)? {
        guard let told = owner.told(.multicastVPN(try SignallingBorder.leaf(of: system, from: own)), peer) else {
            return nil
        }
        let label = try #require(told.pmsiTunnel).labelField >> 4
        return (told, label, owner.copies(ofLabel: label, at: peer))
    }

    // MARK: The answer (RFC 6514 §9.2.3.4.1, §12.3)

    @Test func `one answer with one label stands for all leaves, and its packets are copied to each`() throws {
        let owner = try owner()
        try ask(42, from: Border.reflector, owner)
        owner.settle()
        #expect(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner) == nil)
        try join(42, [1, 2, 3, 4], from: Border.first, naming: "1.2.3.5:0", label: 100, owner)
        // What keeps answers in their own network keeps no copies from there.
        try join(
            42, [5, 6, 7, 8], from: Border.second, naming: "5.6.7.9:0", label: 200, owner, communities: [.noExport])
        owner.settle()
        let given = try #require(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner))
        // §9.2.3.4.1: the next hop is the originating router's address, the target names the next hop that was told, and NO_EXPORT.
        #expect(given.attributes.nextHop == BGPNextHop(Border.loopback))
        #expect(given.attributes.routeTargets.map(\.description) == ["10.0.0.7:0"])
        #expect(given.attributes.communities == [.noExport])
        #expect(given.attributes.asPath == ASPath() && given.attributes.localPreference == 100)
        let tunnel = try #require(given.attributes.pmsiTunnel)
        #expect(tunnel.kind == .ingressReplication && tunnel.identifier == [10, 0, 0, 1] && tunnel.flags == [])
        #expect(given.copies == [try copy(first, 100), try copy(second, 200)])
        // The leaves' own answers end here, and nobody is answered who has not asked.
        for leaf: [UInt8] in [[1, 2, 3, 4], [5, 6, 7, 8]] {
            let route = NLRI.multicastVPN(try SignallingBorder.leaf(of: 42, from: leaf))
            #expect(owner.told(route, Border.reflector) == nil)
        }
        #expect(owner.sentSignalling[Border.otherReflector]?.isEmpty ?? true)
        #expect(owner.installed.filter { $0.nni == NeighborIdentity.core }.count == 1)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `leaves come and go without another answer, and with the last one the label is dead at once`() throws {
        let owner = try owner()
        try ask(42, from: Border.reflector, owner)
        try join(42, [1, 2, 3, 4], from: Border.first, naming: "1.2.3.5:0", label: 100, owner)
        owner.settle()
        let before = try #require(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner))
        #expect(before.copies == [try copy(first, 100)])
        try join(42, [5, 6, 7, 8], from: Border.second, naming: "5.6.7.9:0", label: 200, owner)
        #expect(
            owner.copies(ofLabel: before.label, at: Border.reflector) == [try copy(first, 100), try copy(second, 200)])
        // Another label of a leaf's.
        try join(42, [1, 2, 3, 4], from: Border.first, naming: "1.2.3.5:0", label: 101, owner)
        #expect(
            owner.copies(ofLabel: before.label, at: Border.reflector) == [try copy(first, 101), try copy(second, 200)])
        withdraw(try SignallingBorder.leaf(of: 42), from: Border.first, owner)
        // Before anybody has heard of it.
        #expect(owner.copies(ofLabel: before.label, at: Border.reflector) == [try copy(second, 200)])
        owner.settle()
        #expect(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner)?.label == before.label)
        withdraw(try SignallingBorder.leaf(of: 42, from: [5, 6, 7, 8]), from: Border.second, owner)
        #expect(owner.copies(ofLabel: before.label, at: Border.reflector) == nil)
        owner.settle()
        #expect(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner) == nil)
        // What comes back is another.
        try join(42, [1, 2, 3, 4], from: Border.first, naming: "1.2.3.5:0", label: 100, owner)
        owner.settle()
        let again = try #require(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner))
        #expect(again.label != before.label)
        #expect(again.copies == [try copy(first, 100)])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a far end's tunnel is answered on its NNI alone, and copies go to the own network`() throws {
        let owner = try owner(segmented: [Border.first])
        try ask(65001, from: Border.first, owner)
        try join(
            65001, [10, 0, 0, 7], from: Border.reflector, naming: "10.0.0.1:0", label: 300, owner,
            communities: [.noExport])
        owner.settle()
        let told = try #require(owner.told(.multicastVPN(try SignallingBorder.selective(of: 65001)), Border.reflector))
        #expect(told.pmsiTunnel == SignallingBorder.replication(label: 0, to: [10, 0, 0, 1], isAsking: true))
        let given = try #require(try answer(to: 65001, [1, 2, 3, 5], at: Border.first, owner))
        #expect(given.attributes.routeTargets.map(\.description) == ["1.2.3.4:0"])
        #expect(given.attributes.asPath == ASPath(sequence: [42]) && given.attributes.communities.isEmpty)
        #expect(given.attributes.nextHop == BGPNextHop(.ipv4(IPv4Address(1, 2, 3, 5))))
        #expect(given.attributes.localPreference == nil && given.attributes.largeCommunities.isEmpty)
        #expect(given.copies == [try copy(provider, 300)])
        #expect(owner.installed.allSatisfy { $0.neighbor == Border.first })
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    /// RFC 6514 §9.2.3.2.1.
    @Test func `an answer to an inter-AS I-PMSI of a far end goes no farther than there`() throws {
        let owner = try owner(segmented: [Border.first])
        let value: [UInt8] = SignallingBorder.distinguisher(65001) + [0, 0, 253, 233]
        let tunnel = try #require(MulticastVPNRoute(.ipv4, .interASIPMSI, value[...]))
        try owner.announce(
            tunnel, from: Border.first, ["65001:7"],
            tunnel: SignallingBorder.replication(label: 0, to: [1, 2, 3, 4], isAsking: true))
        let leaf = try #require(tunnel.answer(of: Border.provider))
        try owner.announce(
            leaf, from: Border.reflector, ["10.0.0.1:0"],
            tunnel: SignallingBorder.replication(label: 300, to: [10, 0, 0, 7]))
        owner.settle()
        let answer = try #require(tunnel.answer(of: .ipv4(IPv4Address(1, 2, 3, 5))))
        #expect(owner.told(.multicastVPN(answer), Border.first)?.communities == [.noAdvertise])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `the answer follows the tunnel's next hop by the same label, and is dead with the tunnel`() throws {
        let owner = try owner()
        try ask(42, from: Border.reflector, owner)
        try join(42, [1, 2, 3, 4], from: Border.first, naming: "1.2.3.5:0", label: 100, owner)
        owner.settle()
        let before = try #require(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner))
        owner.handle(.transportsChanged([Border.otherProvider: .resolved]))
        var attributes = try Border.attributes(from: Border.reflector, ["42:7"], nextHop: Border.otherProvider)
        attributes.pmsiTunnel = SignallingBorder.replication(label: 0, to: [10, 0, 0, 6], isAsking: true)
        let route = AnnouncedRoute(try SignallingBorder.selective(of: 42))
        owner.handle(.update(neighbor: Border.reflector, Update(announcing: [route], attributes: attributes)))
        owner.handle(.transportsChanged([Border.otherProvider: .resolved]))
        owner.settle()
        let after = try #require(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner))
        #expect(after.label == before.label && after.attributes.routeTargets.map(\.description) == ["10.0.0.6:0"])
        // Another reflector has it as well: both lead to the root.
        try ask(42, from: Border.otherReflector, owner)
        owner.settle()
        let other = try #require(try answer(to: 42, [10, 0, 0, 1], at: Border.otherReflector, owner))
        #expect(other.copies == after.copies && other.label != after.label)
        for peer in [Border.reflector, Border.otherReflector] {
            withdraw(try SignallingBorder.selective(of: 42), from: peer, owner)
        }
        #expect(owner.installed.isEmpty)
        owner.settle()
        #expect(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner) == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    // MARK: Whom it ends for

    @Test func `a leaf that names the root, or without the line for it, is answered as it is`() throws {
        let owner = try owner(segmented: [Border.first])
        try ask(42, from: Border.reflector, owner)
        try join(42, [1, 2, 3, 4], from: Border.first, naming: "10.0.0.7:0", label: 100, owner)
        try join(42, [5, 6, 7, 8], from: Border.second, naming: "5.6.7.9:0", label: 200, owner)
        owner.settle()
        for leaf: [UInt8] in [[1, 2, 3, 4], [5, 6, 7, 8]] {
            let route = NLRI.multicastVPN(try SignallingBorder.leaf(of: 42, from: leaf))
            #expect(owner.told(route, Border.reflector) != nil)
        }
        #expect(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner) == nil)
        // The line comes, and goes again.
        owner.handle(.configure(try SignallingBorder.inputs(segmented: [Border.first, Border.second])))
        owner.settle()
        let leaf = NLRI.multicastVPN(try SignallingBorder.leaf(of: 42, from: [5, 6, 7, 8]))
        #expect(owner.told(leaf, Border.reflector) == nil)
        #expect(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner)?.copies == [try copy(second, 200)])
        owner.handle(.configure(try SignallingBorder.inputs()))
        owner.settle()
        #expect(owner.told(leaf, Border.reflector) != nil)
        #expect(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner) == nil)
        #expect(owner.copies.keys.allSatisfy { !owner.installed.contains($0) })
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `no copy goes back where the tunnel came from, and none from NNI to NNI without transit`() throws {
        let owner = try owner(segmented: Set(Border.all))
        try ask(65001, from: Border.first, owner)
        try join(65001, [1, 2, 3, 4], from: Border.first, naming: "1.2.3.5:0", label: 100, owner)
        try join(65001, [5, 6, 7, 8], from: Border.second, naming: "5.6.7.9:0", label: 200, owner)
        try ask(42, from: Border.reflector, owner)
        try join(42, [10, 0, 0, 6], from: Border.otherReflector, naming: "10.0.0.1:0", label: 300, owner)
        owner.settle()
        #expect(owner.installed.isEmpty)
        let both: Set = [Border.first, Border.second]
        owner.handle(.configure(try SignallingBorder.inputs(transit: both, segmented: both)))
        owner.settle()
        #expect(try answer(to: 65001, [1, 2, 3, 5], at: Border.first, owner)?.copies == [try copy(second, 200)])
        #expect(owner.installed.count == 1)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a leaf more than a label can lead to is answered as it is`() throws {
        let owner = try owner()
        try ask(42, from: Border.reflector, owner)
        for number in 0..<UInt8(65) {
            try join(
                42, [1, 2, 4, number], from: Border.first, naming: "1.2.3.5:0", label: 100 + UInt32(number), owner)
        }
        owner.settle()
        let given = try #require(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, owner))
        #expect(given.copies?.count == LabelTarget.mostCopies)
        let last = NLRI.multicastVPN(try SignallingBorder.leaf(of: 42, from: [1, 2, 4, 64]))
        #expect(owner.told(last, Border.reflector) != nil)
        #expect(owner.sentSignalling[Border.reflector]?.count == 2)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `the label of an answer is the same after a restart`() throws {
        let before = try owner()
        try ask(42, from: Border.reflector, before)
        try join(42, [1, 2, 3, 4], from: Border.first, naming: "1.2.3.5:0", label: 100, before)
        before.settle()
        let label = try #require(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, before)).label
        let after = Owner(
            RoutingTable(labels: before.saved, awaiting: Border.all, generator: SeededGenerator(seed: 2)))
        after.handle(.configure(try SignallingBorder.inputs(segmented: [Border.first, Border.second])))
        for peer in Border.all { SignallingBorder.establish(peer, after) }
        try ask(42, from: Border.reflector, after)
        try join(42, [1, 2, 3, 4], from: Border.first, naming: "1.2.3.5:0", label: 100, after)
        for peer in Border.all {
            for family in SignallingBorder.families + [.vpnv4, .vpnv6] {
                after.handle(.endOfRIB(neighbor: peer, family.identifier))
            }
        }
        after.settle()
        #expect(try answer(to: 42, [10, 0, 0, 1], at: Border.reflector, after)?.label == label)
        #expect(after.violations.isEmpty, "\(after.violations)")
    }
}
