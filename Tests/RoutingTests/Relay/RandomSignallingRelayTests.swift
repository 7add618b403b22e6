import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// A relay of MVPN and EVPN routes against what the rules say of its neighbors' last words, over random events.
@Suite struct RandomSignallingRelayTests {
    /// What a neighbor said last of a route.
    private struct Said {
        /// Under frames, and under packets.
        var labels: [UInt32?]
        var targets: [String]
        var provider: IPAddress?
        var isMarked = false
        var preference: UInt32 = 100
        /// The number of the VRF Route Import of a VPN route, 10.0.0.7 in the own network and 10.65.0.7 elsewhere.
        var importNumber: UInt16?
        /// What MAC mobility counts for: whether it is sticky, and how often the address has moved.
        var mobility = [0, 0]
    }

    private struct World {
        var transit: Set<PeerAddress> = []
        var resolved: Set<IPAddress> = []
        var up = Set(Border.all)
        var said: [PeerAddress: [NLRI: Said]] = [:]
        /// Who says an answer, in the order in which they began.
        var answering: [NLRI: [PeerAddress]] = [:]

        var inputs: RoutingInputs {
            get throws { try SignallingBorder.inputs(transit: transit, distinguishers: ["65001:1"]) }
        }
    }

    private let routes: [NLRI]
    private let asked: [NLRI]
    private let leaves: [NLRI]
    private let joins: [NLRI]
    private let prefixes: [VPNPrefix]

    init() throws {
        routes = try (UInt8(0)..<3).map { .evpn(try SignallingBorder.macAddress(of: 65001, [16, 17], number: $0).0) }
        asked = [.multicastVPN(try SignallingBorder.selective(of: 65001))]
        leaves = try (UInt8(4)..<6).map {
            .multicastVPN(try SignallingBorder.leaf(of: 65001, from: [1, 2, 3, $0]))
        }
        joins = [.multicastVPN(try SignallingBorder.join(of: 65001))]
        prefixes = try (0..<2).map { try vpn("65001:1", "10.\($0).0.0/16") }
    }

    @Test func `what neighbors have, and where its labels lead, is what the rules say`() throws {
        var random = SeededGenerator()
        var seen: Set<String> = []
        for round in 0..<30 {
            var world = World()
            let owner = SignallingBorder.owner(try world.inputs)
            for step in 0..<120 {
                try self.step(&world, owner, &random)
                // Now and then not everything is sent before the next event.
                if random.chance(25) { continue }
                owner.settle()
                try check(owner, world, &seen, "round \(round), step \(step), seed \(random.seed)")
            }
            for peer in Border.all {
                owner.handle(.down(neighbor: peer, gracefulRestart: nil))
                while owner.table.isSweeping { owner.sweep(limit: 3) }
            }
            owner.settle()
            #expect(owner.installed.isEmpty, "round \(round), seed \(random.seed)")
            #expect(owner.violations.isEmpty, "\(owner.violations.prefix(3)), seed \(random.seed)")
        }
        #expect(seen == ["a route", "a leaf", "a join", "a leaf of two", "a join of two", "a moved address"])
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
            for answer in leaves + joins { world.answering[answer]?.removeAll { $0 == peer } }
        case 1:
            guard !world.up.contains(peer) else { return }
            SignallingBorder.establish(peer, owner)
            world.up.insert(peer)
        case 2:
            world.transit = []
            for far in [Border.first, Border.second] where random.chance(50) { world.transit.insert(far) }
            owner.handle(.configure(try world.inputs))
        case 3:
            let provider = random.pick([Border.provider, Border.otherProvider])
            if random.chance(70) { world.resolved.insert(provider) } else { world.resolved.remove(provider) }
            report(world, to: owner)
        case 4, 5, 6:
            guard world.up.contains(peer) else { return }
            let nlri = pick(&random)
            owner.handle(.update(neighbor: peer, Update(withdrawing: [nlri])))
            world.said[peer]?[nlri] = nil
            world.answering[nlri]?.removeAll { $0 == peer }
        default:
            guard world.up.contains(peer) else { return }
            try announce(pick(&random), from: peer, &world, owner, &random)
        }
    }

    private func pick(_ random: inout SeededGenerator) -> NLRI {
        switch random.next() % 6 {
        case 0: asked[0]
        case 1: random.pick(leaves)
        case 2: joins[0]
        case 3: .vpn(random.pick(prefixes))
        default: random.pick(routes)
        }
    }

    private func announce(
        _ nlri: NLRI, from peer: PeerAddress, _ world: inout World, _ owner: Owner, _ random: inout SeededGenerator
    ) throws {
        let isInternal = Border.isInternal(peer)
        var said = Said(labels: [nil, nil], targets: [])
        said.provider = isInternal ? random.pick([Border.provider, Border.otherProvider]) : nil
        said.isMarked = isInternal && random.chance(20)
        said.preference = isInternal && random.chance(30) ? 200 : 100
        for target in Border.imports(of: peer).keys.sorted() + ["64999:1"] where random.chance(70) {
            said.targets.append(target)
        }
        if leaves.contains(nlri) { said.targets = [random.pick([own(peer), own(peer), "10.0.0.7:0", "10.0.0.9:0"])] }
        if joins.contains(nlri) {
            said.targets = [random.pick(["10.0.0.7:1", "10.0.0.7:2", "10.65.0.7:1", "10.65.0.7:2"])]
        }
        var attributes = try Border.attributes(
            from: peer, said.targets, nextHop: said.provider, mark: said.isMarked ? Border.mark : nil,
            preference: isInternal ? said.preference : nil)
        if isInternal { attributes.asPath = ASPath(sequence: [65009]) }
        switch nlri {
        case .evpn:
            said.labels[0] = 3000 + UInt32(random.next() % 2)
            if random.chance(50) { said.labels[1] = 3000 + UInt32(random.next() % 2) }
            let number = UInt8(routes.firstIndex(of: nlri) ?? 0)
            attributes.evpn = try SignallingBorder.macAddress(
                of: 65001, said.labels.compactMap { $0 }, number: number
            ).1
            if random.chance(50) {
                let (isSticky, moves) = (random.chance(30), random.next() % 3)
                attributes.extendedCommunities.append(
                    ExtendedCommunity(rawValue: 0x0600 << 48 | (isSticky ? 1 << 40 : 0) | moves))
                // Another operator's is never sticky.
                said.mobility = [isSticky && isInternal ? 1 : 0, Int(moves)]
            }
        case .multicastVPN where leaves.contains(nlri):
            said.labels[1] = 3000 + UInt32(random.next() % 2)
            attributes.pmsiTunnel = SignallingBorder.replication(label: said.labels[1] ?? 0, to: [1, 2, 3, 4])
        case .multicastVPN where asked.contains(nlri):
            attributes.pmsiTunnel = SignallingBorder.replication(label: 0, to: [10, 0, 0, 7], isAsking: true)
        case .vpn:
            said.importNumber = random.chance(80) ? UInt16(1 + random.next() % 2) : nil
            if let number = said.importNumber {
                attributes.extendedCommunities.append(
                    ExtendedCommunity(
                        rawValue: (isInternal ? 0x010b_0a00_0007_0000 : 0x010b_0a41_0007_0000) | UInt64(number)))
            }
        default: break
        }
        let route = AnnouncedRoute(nlri, label: try label(4000))
        owner.handle(.update(neighbor: peer, Update(announcing: [route], attributes: attributes)))
        let isAnswer = leaves.contains(nlri) || joins.contains(nlri)
        // What is signalled in the own network is kept, listed or not; VPN routes only if they may be of use.
        let isKept = isAnswer || (isInternal && nlri.vpnPrefix == nil)
        let isTaken = isKept || !listed(said.targets, by: Border.imports(of: peer)).isEmpty
        world.said[peer, default: [:]][nlri] = isTaken ? said : nil
        if isAnswer, world.answering[nlri]?.contains(peer) != true { world.answering[nlri, default: []].append(peer) }
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
    private func own(_ peer: PeerAddress) -> String {
        peer == Border.first ? "1.2.3.5:0" : peer == Border.second ? "5.6.7.9:0" : "10.0.0.1:0"
    }

    // MARK: Rules

    private func check(_ owner: Owner, _ world: World, _ seen: inout Set<String>, _ place: String) throws {
        for peer in world.up {
            var ways: Set<SwapTarget> = []
            for nlri in routes + asked + leaves + joins {
                let told = owner.told(nlri, peer)
                let expected = try expected(nlri, at: peer, world)
                let context = "\(place): \(peer) and \(nlri)"
                #expect(told?.routeTargets.map(\.description) == expected?.targets, "\(context)")
                guard let told, let expected else { continue }
                note(nlri, at: peer, world, &seen)
                var fields: [UInt32] = []
                if case .evpn(let route) = nlri { fields = route.labelFields(in: told.evpn).map { $0 >> 4 } }
                if leaves.contains(nlri), let tunnel = told.pmsiTunnel { fields = [tunnel.labelField >> 4] }
                #expect(fields.map { owner.way(ofLabel: $0, at: peer) } == expected.ways, "\(context)")
                for way in expected.ways { ways.insert(way) }
            }
            // As many labels as there are next hops with a label and a payload, and no other is valid.
            var valid = 0
            for binding in owner.installed where binding.neighbor == peer {
                if case .relayedService = binding.owner.subject { valid += 1 }
            }
            #expect(valid == ways.count, "\(place): \(peer)")
        }
    }

    private typealias Candidate = (peer: PeerAddress, said: Said)

    /// The best of what was said of a VPN route.
    private func best(_ nlri: NLRI, _ world: World) -> Candidate? {
        var best: Candidate?
        var bestRank: [UInt32] = []
        for (peer, routes) in world.said {
            guard let said = routes[nlri] else { continue }
            let isUsable = said.provider.map(world.resolved.contains) ?? true
            let rank = [isUsable ? 0 : 1] + rank((peer, said))
            if best == nil || rank.lexicographicallyPrecedes(bestRank) { (best, bestRank) = ((peer, said), rank) }
        }
        guard let best, bestRank.first == 0 else { return nil }
        return best
    }

    private func rank(_ candidate: Candidate) -> [UInt32] {
        [
            1000 - candidate.said.preference, Border.isInternal(candidate.peer) ? 1 : 0,
            UInt32(Border.number(of: candidate.peer)),
        ]
    }

    /// What may go to a neighbor of an MVPN or EVPN route, each with its targets there.
    private func admitted(_ nlri: NLRI, at peer: PeerAddress, _ world: World) -> [(Candidate, targets: [String])] {
        var admitted: [(Candidate, targets: [String])] = []
        guard world.up.contains(peer) else { return [] }
        for (sender, routes) in world.said {
            guard let said = routes[nlri], said.provider.map(world.resolved.contains) ?? true,
                mayGo((sender, said), to: peer, world)
            else { continue }
            let targets =
                leaves.contains(nlri)
                ? ofLeaf((sender, said), at: peer, world)
                : joins.contains(nlri)
                    ? ofJoin((sender, said), at: peer, world) : given((sender, said), to: peer, world)
            if !targets.isEmpty { admitted.append(((sender, said), targets)) }
        }
        return admitted
    }

    /// The best of what may go to a neighbor.
    private func choice(_ nlri: NLRI, at peer: PeerAddress, _ world: World) -> (Candidate, targets: [String])? {
        var admitted = admitted(nlri, at: peer, world)
        // Of several other operators who say an answer the first one.
        if let order = world.answering[nlri] {
            let first = order.first { one in !Border.isInternal(one) && admitted.contains { $0.0.peer == one } }
            admitted.removeAll { !Border.isInternal($0.0.peer) && $0.0.peer != first }
        }
        func full(_ candidate: Candidate) -> [UInt32] {
            candidate.said.mobility.map { UInt32(9 - $0) } + rank(candidate)
        }
        return admitted.min { full($0.0).lexicographicallyPrecedes(full($1.0)) }
    }

    private func note(_ nlri: NLRI, at peer: PeerAddress, _ world: World, _ seen: inout Set<String>) {
        let kind = leaves.contains(nlri) ? "a leaf" : joins.contains(nlri) ? "a join" : "a route"
        seen.insert(kind)
        let all = admitted(nlri, at: peer, world)
        if kind != "a route", all.filter({ !Border.isInternal($0.0.peer) }).count > 1 { seen.insert("\(kind) of two") }
        if kind == "a route", Set(all.map(\.0.said.mobility)).count > 1 { seen.insert("a moved address") }
    }

    private func mayGo(_ best: Candidate, to peer: PeerAddress, _ world: World) -> Bool {
        guard best.peer != peer else { return false }
        return switch (Border.isInternal(best.peer), Border.isInternal(peer)) {
        case (true, true): false
        case (true, false): !best.said.isMarked || world.transit.contains(peer)
        case (false, false): world.transit.isSuperset(of: [best.peer, peer])
        case (false, true): true
        }
    }

    /// Who is given the best of a route by the lists, and with which targets.
    private func given(_ best: Candidate, to peer: PeerAddress, _ world: World) -> [String] {
        guard world.up.contains(peer), mayGo(best, to: peer, world) else { return [] }
        return listed(listed(best.said.targets, by: Border.imports(of: best.peer)), by: Border.exports(to: peer))
    }

    private func isBehind(_ candidate: Candidate, _ peer: PeerAddress) -> Bool {
        candidate.peer == peer || (Border.isInternal(candidate.peer) && Border.isInternal(peer))
    }

    private func expected(
        _ nlri: NLRI, at peer: PeerAddress, _ world: World
    ) throws -> (targets: [String], ways: [SwapTarget])? {
        guard let (best, targets) = choice(nlri, at: peer, world) else { return nil }
        let identity = try #require(try world.inputs.neighbors[best.peer]?.identity)
        let way = best.said.provider.map { SwapTarget.Way.provider($0) } ?? .neighbor(identity)
        var ways: [SwapTarget] = []
        for (number, stack) in zip(best.said.labels, [SwappedStack.frame, .packet]) {
            if let number { ways.append(SwapTarget(way: way, labels: [try label(number)], under: stack)) }
        }
        return (targets, ways)
    }

    private func ofLeaf(_ leaf: Candidate, at peer: PeerAddress, _ world: World) -> [String] {
        guard let (question, _) = choice(asked[0], at: leaf.peer, world), isBehind(question, peer) else { return [] }
        let nextHop = question.said.provider ?? question.peer.address
        if leaf.said.targets == [own(leaf.peer)] { return ["\(nextHop):0"] }
        return leaf.said.targets == ["10.0.0.7:0"] ? leaf.said.targets : []
    }

    private func ofJoin(_ join: Candidate, at peer: PeerAddress, _ world: World) -> [String] {
        for prefix in prefixes {
            guard let route = best(.vpn(prefix), world), let number = route.said.importNumber,
                join.said.targets == ["\(Border.isInternal(route.peer) ? "10.0.0.7" : "10.65.0.7"):\(number)"],
                isBehind(route, peer),
                !given(route, to: join.peer, world).isEmpty
            else { continue }
            return join.said.targets
        }
        return []
    }

    /// What a list leaves of targets.
    private func listed(_ targets: [String], by list: [String: String]) -> [String] {
        targets.compactMap { list[$0] }
    }
}
