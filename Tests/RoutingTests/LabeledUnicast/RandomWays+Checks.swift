import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// What is to hold after each event, and when everything has been confirmed and sent.
extension RandomWays {
    /// A label whose way is gone is valid nowhere from then on, sent or not.
    mutating func noteLabels() throws {
        for (peer, known) in labels {
            for (prefix, (label, former)) in known {
                if let expected = try model.expected(prefix, at: peer) {
                    labels[peer]?[prefix]?.way = expected.way
                    continue
                }
                labels[peer]?[prefix] = nil
                let leads = try model.ways(of: prefix).contains {
                    $0.way == former.way && $0.labels == former.labels
                }
                guard !leads else { continue }
                seen.insert("a label ends at once")
                dead[peer, default: [:]][label] = owner.now
                let isValid = owner.installed.contains { $0.neighbor == peer && $0.label == label }
                #expect(!isValid, "\(label) of \(peer) for \(prefix) leads nowhere")
            }
        }
    }

    /// Everything is confirmed and sent: each neighbor has what the model says, and nothing else is valid.
    mutating func check(_ place: String) throws {
        owner.drain()
        for peer in Self.all where up.contains(peer) {
            for prefix in WaysModel.prefixes { try check(prefix, at: peer, "\(place): \(peer) and \(prefix)") }
            let relayed = Set(WaysModel.prefixes.compactMap { labels[peer]?[$0]?.label })
            let valid = owner.installed.filter { $0.neighbor == peer }
            #expect(Set(valid.map(\.label)) == relayed && valid.count == relayed.count, "\(place): \(peer)")
            #expect(relayed.count == labels[peer]?.count ?? 0, "\(place): \(peer)")
        }
        #expect(owner.validWithoutSession().isEmpty, "\(place)")
        #expect(owner.violations.isEmpty, "\(place): \(owner.violations.prefix(3))")
    }

    mutating func check(_ prefix: String, at peer: PeerAddress, _ place: String) throws {
        let sent = try owner.told(prefix, peer)
        if prefix == "10.0.0.1/32" {
            // The box's own, told to its network and to nobody else, whatever anybody says.
            #expect(sent?.label == (WaysModel.farEnds.contains(peer) ? nil : .implicitNull), "\(place)")
            return
        }
        let expected = try model.expected(prefix, at: peer)
        let has = try sent.map { sent in
            WaysModel.Expected(
                path: sent.attributes.asPath.segments.flatMap(\.autonomousSystems),
                isMarked: sent.attributes.largeCommunities == [WayBorder.mark],
                preference: sent.attributes.localPreference, way: try #require(try owner.labelledWay(prefix, at: peer)))
        }
        #expect(has == expected, "\(place)")
        guard let sent, let expected else {
            labels[peer]?[prefix] = nil
            return
        }
        try checkNextHop(sent, prefix, at: peer, place)
        note(expected, prefix)
        if let known = labels[peer]?[prefix] {
            #expect(known.label == sent.label, "\(place): another label without a reason")
        }
        let diedAt = dead[peer]?[sent.label]
        #expect(diedAt.map { $0.advanced(bySeconds: 300) <= owner.now } ?? true, "\(place): its label is back")
        labels[peer, default: [:]][prefix] = (sent.label, expected.way)
    }

    func checkNextHop(_ sent: Owner.Sent, _ prefix: String, at peer: PeerAddress, _ place: String) throws {
        let own = peer == WayBorder.first ? "1.2.3.5" : peer == WayBorder.second ? "5.6.7.9" : "10.0.0.1"
        let text = WaysModel.isIPv6(prefix) ? "::ffff:\(own)" : own
        #expect(sent.attributes.nextHop?.address == (try address(text)), "\(place)")
    }

    mutating func note(_ expected: WaysModel.Expected, _ prefix: String) {
        let depth =
            switch expected.way.stack {
            case .packet: "a packet"
            case .ipv6Packet: "a site"
            case .session: "depth 1"
            case .label: "depth 2"
            case .labelWithEntropy: "depth 4"
            // Of no labelled unicast outside VRFs.
            case .labels: "a customer carrier's"
            case .frame: "an EVPN route's"
            }
        seen.insert(expected.preference == nil ? "\(depth) to a far end" : "\(depth) to the own network")
        if expected.preference == nil, expected.path.contains(where: { $0 == FarEnd.firstAS || $0 == FarEnd.secondAS })
        {
            seen.insert("transit")
        }
    }
}
