import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// A reflector against what RFC 4456 §6 says of its neighbors' last words, over random events.
@Suite struct RandomReflectionTests {
    /// What a neighbor said last.
    private struct Said: Hashable {
        let label: MPLSLabel
        let attributes: PathAttributes
    }

    @Test func `what neighbors have is what the rules say`() throws {
        var random = SeededGenerator()
        for round in 0..<60 {
            var clients = Set(Cluster.all.filter { _ in random.chance(50) })
            let owner = Cluster.owner(try Cluster.inputs(clients: clients))
            var said: [PeerAddress: [VPNPrefix: Said]] = [:]
            var up = Set(Cluster.all)
            for step in 0..<80 {
                let peer = random.pick(Cluster.all)
                let prefix = try vpn("42:501", "10.\(random.next() % 4).0.0/16")
                switch random.next() % 12 {
                case 0:
                    guard up.contains(peer) else { continue }
                    owner.handle(.down(neighbor: peer, gracefulRestart: nil))
                    while owner.table.isSweeping { owner.sweep(limit: 3) }
                    up.remove(peer)
                    said[peer] = nil
                case 1:
                    guard !up.contains(peer) else { continue }
                    owner.handle(.established(neighbor: peer, session(identifier: Cluster.number(of: peer))))
                    up.insert(peer)
                case 2:
                    // Whoever was silent for want of a client says it again when it is asked.
                    let former = clients
                    clients = Set(Cluster.all.filter { _ in random.chance(50) })
                    owner.handle(.configure(try Cluster.inputs(clients: clients)))
                    if former.isEmpty { try repeatAll(said, to: owner) }
                case 3, 4:
                    guard up.contains(peer) else { continue }
                    owner.handle(.update(neighbor: peer, Update(withdrawing: [.vpn(prefix)])))
                    said[peer]?[prefix] = nil
                default:
                    guard up.contains(peer) else { continue }
                    let originator = IPv4Address(9, 9, 9, UInt8(8 + random.next() % 6))
                    let new = Said(
                        label: try label(3000 + UInt32(random.next() % 3)),
                        attributes: try Cluster.attributes(
                            from: peer, preference: random.pick([100, 100, 200]),
                            originator: random.chance(50) ? originator : nil))
                    owner.handle(
                        .update(
                            neighbor: peer, try announcement(prefix, label: new.label.rawValue, new.attributes)))
                    said[peer, default: [:]][prefix] = new
                }
                owner.drain()
                try check(owner, said, up, clients, "round \(round), step \(step), seed \(random.seed)")
            }
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }

    private func repeatAll(_ said: [PeerAddress: [VPNPrefix: Said]], to owner: Owner) throws {
        for (peer, routes) in said {
            for (prefix, route) in routes {
                owner.handle(
                    .update(neighbor: peer, try announcement(prefix, label: route.label.rawValue, route.attributes)))
            }
        }
    }

    private func check(
        _ owner: Owner, _ said: [PeerAddress: [VPNPrefix: Said]], _ up: Set<PeerAddress>, _ clients: Set<PeerAddress>,
        _ place: String
    ) throws {
        let prefixes = Set(said.values.flatMap(\.keys)).union(owner.sent.values.flatMap(\.keys))
        for prefix in prefixes where prefix.routeDistinguisher == (try vpn("42:501", "10.0.0.0/16")).routeDistinguisher
        {
            var candidates: [PeerAddress: Said] = [:]
            for (peer, routes) in said { candidates[peer] = routes[prefix] }
            let best = clients.isEmpty ? nil : best(candidates)
            for peer in up {
                let has = owner.sent[peer]?[prefix]
                guard let best, best.peer != peer, clients.contains(best.peer) || clients.contains(peer),
                    best.originator != IPv4Address(9, 9, 9, Cluster.number(of: peer))
                else {
                    #expect(has == nil, "\(place): \(peer) has \(prefix)")
                    continue
                }
                #expect(has?.label == best.said.label, "\(place): \(peer) and \(prefix)")
                var expected = best.said.attributes
                expected.originatorIdentifier = best.originator
                expected.clusterList = [Cluster.cluster]
                #expect(has?.attributes == expected, "\(place): \(peer) and \(prefix)")
            }
        }
    }

    /// The highest preference, then the lowest originator, then the lowest address.
    private func best(
        _ candidates: [PeerAddress: Said]
    ) -> (peer: PeerAddress, said: Said, originator: IPv4Address)? {
        let judged = candidates.map { peer, said in
            (
                peer: peer, said: said,
                originator: said.attributes.originatorIdentifier ?? IPv4Address(9, 9, 9, Cluster.number(of: peer))
            )
        }
        return judged.min { a, b in
            let preferences = (a.said.attributes.localPreference ?? 100, b.said.attributes.localPreference ?? 100)
            if preferences.0 != preferences.1 { return preferences.0 > preferences.1 }
            if a.originator != b.originator { return a.originator < b.originator }
            return a.peer < b.peer
        }
    }
}
