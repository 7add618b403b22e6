import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// A segmentation point against what the rules say of its neighbors' last words, over random events.
@Suite struct RandomSegmentationTests {
    /// What a neighbor said last of a route.
    private struct Said {
        let isAsking: Bool
        let label: UInt32
        let targets: [String]
        let provider: IPAddress?
        let isMarked: Bool
        let preference: UInt32
    }

    private struct World {
        var transit: Set<PeerAddress> = []
        var segmented: Set<PeerAddress> = []
        var resolved: Set<IPAddress> = []
        var up = Set(Border.all)
        var said: [PeerAddress: [NLRI: Said]] = [:]

        var inputs: RoutingInputs {
            get throws {
                try SignallingBorder.inputs(transit: transit, distinguishers: ["65001:1"], segmented: segmented)
            }
        }
    }

    private typealias Candidate = (peer: PeerAddress, said: Said)

    private let tunnel: MulticastVPNRoute
    private let asked: NLRI
    /// Two of each neighbor's, who alone says them.
    private let leaves: [PeerAddress: [NLRI]]

    init() throws {
        tunnel = try SignallingBorder.selective(of: 65001)
        asked = .multicastVPN(tunnel)
        var leaves: [PeerAddress: [NLRI]] = [:]
        for peer in Border.all {
            leaves[peer] = try (UInt8(1)...2).map {
                .multicastVPN(try SignallingBorder.leaf(of: 65001, from: [1, 2, $0, Border.number(of: peer)]))
            }
        }
        self.leaves = leaves
    }

    @Test func `what neighbors are answered, and where copies go, is what the rules say`() throws {
        var random = SeededGenerator()
        var seen: Set<String> = []
        for round in 0..<30 {
            var world = World()
            world.segmented = [Border.first, Border.second]
            let owner = SignallingBorder.owner(try world.inputs)
            for step in 0..<120 {
                try self.step(&world, owner, &random)
                let place = "round \(round), step \(step), seed \(random.seed)"
                // At once, whatever has been sent: no packet goes to who is no leaf any more.
                try checkCopies(owner, world, place)
                if random.chance(25) { continue }
                owner.settle()
                try check(owner, world, &seen, place)
            }
            for peer in Border.all {
                owner.handle(.down(neighbor: peer, gracefulRestart: nil))
                while owner.table.isSweeping { owner.sweep(limit: 3) }
            }
            owner.settle()
            #expect(owner.installed.isEmpty, "round \(round), seed \(random.seed)")
            #expect(owner.violations.isEmpty, "\(owner.violations.prefix(3)), seed \(random.seed)")
        }
        #expect(seen == ["a leaf", "one copy", "several copies", "the own network", "a far end"])
    }

    // MARK: Events

    private func step(_ world: inout World, _ owner: Owner, _ random: inout SeededGenerator) throws {
        let peer = random.pick(Border.all)
        switch random.next() % 16 {
        case 0:
            guard world.up.contains(peer) else { return }
            owner.handle(.down(neighbor: peer, gracefulRestart: nil))
            while owner.table.isSweeping { owner.sweep(limit: 3) }
            world.up.remove(peer)
            world.said[peer] = nil
        case 1, 2:
            guard !world.up.contains(peer) else { return }
            SignallingBorder.establish(peer, owner)
            world.up.insert(peer)
        case 3:
            (world.transit, world.segmented) = ([], [])
            for far in [Border.first, Border.second] {
                if random.chance(50) { world.transit.insert(far) }
                if random.chance(80) { world.segmented.insert(far) }
            }
            owner.handle(.configure(try world.inputs))
        case 4:
            let provider = random.pick([Border.provider, Border.otherProvider])
            if random.chance(70) { world.resolved.insert(provider) } else { world.resolved.remove(provider) }
            report(world, to: owner)
        case 5, 6:
            guard world.up.contains(peer) else { return }
            let nlri = random.chance(20) ? asked : random.pick(leaves[peer] ?? [])
            owner.handle(.update(neighbor: peer, Update(withdrawing: [nlri])))
            world.said[peer]?[nlri] = nil
        default:
            guard world.up.contains(peer) else { return }
            try announce(
                random.chance(30) ? asked : random.pick(leaves[peer] ?? []), from: peer, &world, owner, &random)
        }
    }

    private func announce(
        _ nlri: NLRI, from peer: PeerAddress, _ world: inout World, _ owner: Owner, _ random: inout SeededGenerator
    ) throws {
        let isInternal = Border.isInternal(peer)
        let isLeaf = nlri != asked
        let targets =
            isLeaf
            ? [random.pick([own(peer), own(peer), own(peer), "10.0.0.7:0", "10.0.0.9:0"])]
            : Border.imports(of: peer).keys.sorted().filter { _ in random.chance(80) }
        let said = Said(
            isAsking: isLeaf || random.chance(85), label: 3000 + UInt32(random.next() % 3), targets: targets,
            provider: isInternal ? random.pick([Border.provider, Border.otherProvider]) : nil,
            isMarked: isInternal && random.chance(20), preference: isInternal && random.chance(30) ? 200 : 100)
        var attributes = try Border.attributes(
            from: peer, targets, nextHop: said.provider, mark: said.isMarked ? Border.mark : nil,
            preference: isInternal ? said.preference : nil)
        if isInternal { attributes.asPath = ASPath(sequence: [65009]) }
        // One that does not ask says its label.
        attributes.pmsiTunnel = SignallingBorder.replication(
            label: !isLeaf && said.isAsking ? 0 : said.label, to: [1, 2, 3, 4], isAsking: !isLeaf && said.isAsking)
        let route = AnnouncedRoute(nlri, label: try label(4000))
        owner.handle(.update(neighbor: peer, Update(announcing: [route], attributes: attributes)))
        let isTaken = isLeaf || isInternal || !listed(targets, by: Border.imports(of: peer)).isEmpty
        world.said[peer, default: [:]][nlri] = isTaken ? said : nil
        report(world, to: owner)
    }

    private func report(_ world: World, to owner: Owner) {
        var states: [IPAddress: NextHopState] = [:]
        for provider in [Border.provider, Border.otherProvider] {
            states[provider] = world.resolved.contains(provider) ? .resolved : .unreachable
        }
        owner.handle(.transportsChanged(states))
    }

    /// By what a leaf names the box: the next hop that it was told.
    private func own(_ peer: PeerAddress) -> String { "\(ownAddress(peer)):0" }

    private func ownAddress(_ peer: PeerAddress) -> IPAddress {
        switch peer {
        case Border.first: .ipv4(IPv4Address(1, 2, 3, 5))
        case Border.second: .ipv4(IPv4Address(5, 6, 7, 9))
        default: Border.loopback
        }
    }

    // MARK: Rules

    private func check(_ owner: Owner, _ world: World, _ seen: inout Set<String>, _ place: String) throws {
        for peer in world.up {
            let copies = try copies(of: peer, world)
            let answer = NLRI.multicastVPN(try #require(tunnel.answer(of: ownAddress(peer))))
            let told = owner.told(answer, peer)
            #expect((told != nil) == !copies.isEmpty, "\(place): \(peer) is answered")
            if let told, let said = world.said[peer]?[asked] {
                let nextHop = said.provider ?? peer.address
                #expect(told.routeTargets.map(\.description) == ["\(nextHop):0"], "\(place): \(peer)")
                let label = try #require(told.pmsiTunnel).labelField >> 4
                #expect(owner.copies(ofLabel: label, at: peer) == copies, "\(place): \(peer)")
                seen.insert(copies.count == 1 ? "one copy" : "several copies")
                seen.insert(Border.isInternal(peer) ? "the own network" : "a far end")
            }
            for (sender, leaves) in leaves {
                for leaf in leaves {
                    let isTold = owner.told(leaf, peer) != nil
                    #expect(isTold == isRelayed(leaf, of: sender, to: peer, world), "\(place): \(peer) and \(leaf)")
                    if isTold { seen.insert("a leaf") }
                }
            }
            let valid = owner.installed.filter { $0.neighbor == peer && owner.copies[$0] != nil }.count
            #expect(valid == (copies.isEmpty ? 0 : 1), "\(place): \(peer)")
        }
    }

    /// Whatever has been sent: no copy goes to who is no leaf any more, and none comes from who has taken the tunnel back.
    private func checkCopies(_ owner: Owner, _ world: World, _ place: String) throws {
        for binding in owner.installed {
            guard let copies = owner.copies[binding] else { continue }
            #expect(world.said[binding.neighbor]?[asked] != nil, "\(place): \(binding)")
            for copy in copies { #expect(try isSaid(copy, world), "\(place): \(binding)") }
        }
    }

    /// Whether somebody has it said, also as the label of a tunnel that asks for none.
    private func isSaid(_ copy: SwapTarget, _ world: World) throws -> Bool {
        for (peer, routes) in world.said {
            for (nlri, said) in routes where nlri != asked || !said.isAsking {
                if try self.copy(said, of: peer, world) == copy { return true }
            }
        }
        return false
    }

    private func copy(_ said: Said, of peer: PeerAddress, _ world: World) throws -> SwapTarget {
        let identity = try #require(try world.inputs.neighbors[peer]?.identity)
        let way = said.provider.map { SwapTarget.Way.provider($0) } ?? .neighbor(identity)
        return SwapTarget(way: way, labels: [try label(said.label)])
    }

    /// Where packets go by the label of the answer to a neighbor.
    private func copies(of peer: PeerAddress, _ world: World) throws -> [SwapTarget] {
        guard world.said[peer]?[asked]?.isAsking == true else { return [] }
        var copies: Set<SwapTarget> = []
        for (sender, leaves) in leaves {
            for leaf in leaves {
                guard let root = rootEndingHere(for: leaf, of: sender, world), isBehind(root.peer, peer),
                    let said = world.said[sender]?[leaf]
                else { continue }
                copies.insert(try copy(said, of: sender, world))
            }
        }
        return copies.sorted()
    }

    /// By whose word the tunnel went to the leaf, if it ends here for that.
    private func rootEndingHere(for leaf: NLRI, of peer: PeerAddress, _ world: World) -> Candidate? {
        guard let said = world.said[peer]?[leaf], said.targets == [own(peer)], isUsable(said, world),
            let question = question(to: peer, world), question.said.isAsking,
            mayGo((peer, said), to: question.peer, world),
            !world.segmented.isDisjoint(with: [peer, question.peer])
        else { return nil }
        return question
    }

    private func isRelayed(_ leaf: NLRI, of sender: PeerAddress, to peer: PeerAddress, _ world: World) -> Bool {
        guard let said = world.said[sender]?[leaf], isUsable(said, world), mayGo((sender, said), to: peer, world),
            rootEndingHere(for: leaf, of: sender, world) == nil, let question = question(to: sender, world),
            isBehind(question.peer, peer)
        else { return false }
        return said.targets == [own(sender)] || said.targets == ["10.0.0.7:0"]
    }

    /// The best of what was said of the tunnel that may go to a neighbor.
    private func question(to neighbor: PeerAddress, _ world: World) -> Candidate? {
        guard world.up.contains(neighbor) else { return nil }
        var best: Candidate?
        var bestRank: [UInt32] = []
        for (peer, routes) in world.said {
            guard let said = routes[asked], isUsable(said, world), mayGo((peer, said), to: neighbor, world),
                !listed(listed(said.targets, by: Border.imports(of: peer)), by: Border.exports(to: neighbor)).isEmpty
            else { continue }
            let rank = [1000 - said.preference, Border.isInternal(peer) ? 1 : 0, UInt32(Border.number(of: peer))]
            if best == nil || rank.lexicographicallyPrecedes(bestRank) { (best, bestRank) = ((peer, said), rank) }
        }
        return best
    }

    private func isUsable(_ said: Said, _ world: World) -> Bool { said.provider.map(world.resolved.contains) ?? true }

    private func mayGo(_ candidate: Candidate, to peer: PeerAddress, _ world: World) -> Bool {
        guard candidate.peer != peer else { return false }
        return switch (Border.isInternal(candidate.peer), Border.isInternal(peer)) {
        case (true, true): false
        case (true, false): !candidate.said.isMarked || world.transit.contains(peer)
        case (false, false): world.transit.isSuperset(of: [candidate.peer, peer])
        case (false, true): true
        }
    }

    private func isBehind(_ sender: PeerAddress, _ peer: PeerAddress) -> Bool {
        sender == peer || (Border.isInternal(sender) && Border.isInternal(peer))
    }

    /// What a list leaves of targets.
    private func listed(_ targets: [String], by list: [String: String]) -> [String] { targets.compactMap { list[$0] } }
}
