import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// A relay against what the rules say of its neighbors' last words, over random events.
@Suite struct RandomRelayTests {
    /// What a neighbor said last.
    private struct Said: Hashable {
        let label: MPLSLabel
        let targets: [String]
        let provider: IPAddress?
        let isMarked: Bool
        let preference: UInt32
    }

    /// What the box is told, and what its neighbors said.
    private struct World {
        var transit: Set<PeerAddress> = []
        var perPrefix: Set<PeerAddress> = []
        var resolved: Set<IPAddress> = []
        var up = Set(Border.all)
        var said: [PeerAddress: [VPNPrefix: Said]] = [:]

        var inputs: RoutingInputs {
            get throws {
                try Border.inputs(transit: transit, perPrefix: perPrefix, distinguishers: ["65001:1"])
            }
        }
    }

    @Test func `what neighbors have, and where its labels lead, is what the rules say`() throws {
        var random = SeededGenerator()
        for round in 0..<40 {
            var world = World()
            let owner = Border.owner(try world.inputs)
            for step in 0..<90 {
                try self.step(&world, owner, &random)
                // Now and then not everything is sent before the next event.
                if random.chance(25) { continue }
                owner.drain()
                try check(owner, world, "round \(round), step \(step), seed \(random.seed)")
            }
            owner.drain()
            #expect(owner.violations.isEmpty, "\(owner.violations.prefix(3)), seed \(random.seed)")
        }
    }

    private func step(_ world: inout World, _ owner: Owner, _ random: inout SeededGenerator) throws {
        let peer = random.pick(Border.all)
        let prefix = try vpn("65001:1", "10.\(random.next() % 4).0.0/16")
        switch random.next() % 14 {
        case 0:
            guard world.up.contains(peer) else { return }
            owner.handle(.down(neighbor: peer, gracefulRestart: nil))
            while owner.table.isSweeping { owner.sweep(limit: 3) }
            world.up.remove(peer)
            world.said[peer] = nil
        case 1:
            guard !world.up.contains(peer) else { return }
            owner.handle(.established(neighbor: peer, session(identifier: Border.number(of: peer))))
            world.up.insert(peer)
        case 2:
            world.transit = Set([Border.first, Border.second].filter { _ in random.chance(50) })
            world.perPrefix = Set(Border.all.filter { _ in random.chance(30) })
            owner.handle(.configure(try world.inputs))
        case 3:
            let provider = random.pick([Border.provider, Border.otherProvider])
            let isResolved = random.chance(70)
            if isResolved { world.resolved.insert(provider) } else { world.resolved.remove(provider) }
            try report(world, to: owner)
        case 4, 5, 6:
            guard world.up.contains(peer) else { return }
            owner.withdraw(prefix, from: peer)
            world.said[peer]?[prefix] = nil
        default:
            guard world.up.contains(peer) else { return }
            let isInternal = Border.isInternal(peer)
            let all = Border.imports(of: peer).keys.sorted() + ["64999:1"]
            let new = Said(
                label: try label(3000 + UInt32(random.next() % 3)), targets: all.filter { _ in random.chance(60) },
                provider: isInternal ? random.pick([Border.provider, Border.otherProvider]) : nil,
                isMarked: isInternal && random.chance(30), preference: isInternal && random.chance(30) ? 200 : 100)
            var attributes = try Border.attributes(
                from: peer, new.targets, nextHop: new.provider, mark: new.isMarked ? Border.mark : nil,
                preference: isInternal ? new.preference : nil)
            if isInternal { attributes.asPath = ASPath(sequence: [65009]) }
            try owner.announce(prefix, from: peer, label: new.label.rawValue, attributes)
            world.said[peer, default: [:]][prefix] =
                Border.listed(new.targets, by: Border.imports(of: peer)).isEmpty ? nil : new
            try report(world, to: owner)
        }
    }

    private func report(_ world: World, to owner: Owner) throws {
        owner.handle(
            .transportsChanged(
                Dictionary(
                    uniqueKeysWithValues: [Border.provider, Border.otherProvider].map {
                        ($0, world.resolved.contains($0) ? .resolved : .unreachable)
                    })))
    }

    private func check(_ owner: Owner, _ world: World, _ place: String) throws {
        for peer in world.up {
            let sent = owner.sent[peer] ?? [:]
            for number in 0..<4 {
                let prefix = try vpn("65001:1", "10.\(number).0.0/16")
                let expected = try expected(prefix, at: peer, world)
                #expect(owner.targets(of: prefix, at: peer) == expected?.targets, "\(place): \(peer) and \(prefix)")
                #expect(owner.way(of: prefix, at: peer) == expected?.way, "\(place): \(peer) and \(prefix)")
            }
            // As many labels as there are next hops with a label, or routes; and nothing else is valid.
            let labels = Set(sent.values.map(\.label))
            let ways = Set(sent.keys.compactMap { owner.way(of: $0, at: peer) })
            #expect(labels.count == (world.perPrefix.contains(peer) ? sent.count : ways.count), "\(place): \(peer)")
            let valid = owner.installed.filter { $0.neighbor == peer && $0.owner.vrf == nil }
            #expect(Set(valid.map(\.label)) == labels, "\(place): \(peer)")
        }
        #expect(owner.installed.allSatisfy { world.up.contains($0.neighbor) }, "\(place)")
    }

    private func expected(
        _ prefix: VPNPrefix, at peer: PeerAddress, _ world: World
    ) throws -> (targets: [String], way: SwapTarget)? {
        var candidates: [(peer: PeerAddress, said: Said)] = []
        for (sender, routes) in world.said { if let said = routes[prefix] { candidates.append((sender, said)) } }
        func rank(_ candidate: (peer: PeerAddress, said: Said)) -> [UInt32] {
            let isUsable = candidate.said.provider.map(world.resolved.contains) ?? true
            return [
                isUsable ? 0 : 1, 1000 - candidate.said.preference, Border.isInternal(candidate.peer) ? 1 : 0,
                UInt32(Border.number(of: candidate.peer)),
            ]
        }
        guard let best = candidates.min(by: { rank($0).lexicographicallyPrecedes(rank($1)) }), best.peer != peer,
            rank(best)[0] == 0
        else { return nil }
        switch (Border.isInternal(best.peer), Border.isInternal(peer)) {
        case (true, true): return nil
        case (true, false): guard !best.said.isMarked || world.transit.contains(peer) else { return nil }
        case (false, false): guard world.transit.isSuperset(of: [best.peer, peer]) else { return nil }
        case (false, true): break
        }
        let targets = Border.listed(
            Border.listed(best.said.targets, by: Border.imports(of: best.peer)), by: Border.exports(to: peer))
        guard !targets.isEmpty else { return nil }
        let identity = try #require(try world.inputs.neighbors[best.peer]?.identity)
        let way = best.said.provider.map { SwapTarget.Way.provider($0) } ?? .neighbor(identity)
        return (targets, SwapTarget(way: way, labels: [best.said.label]))
    }
}

extension Border {
    /// What a list leaves of targets.
    fileprivate static func listed(_ targets: [String], by list: [String: String]) -> [String] {
        targets.compactMap { list[$0] }
    }
}
