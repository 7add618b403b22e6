import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// What neighbors say and take back.
extension RandomWays {
    typealias Word = (peer: PeerAddress, prefix: String, said: WaysModel.Said)

    mutating func said(_ prefix: String, by peer: PeerAddress) throws -> Word {
        var said = WaysModel.Said(labels: [3000 + UInt32(random.below(3))], path: [], nextHop: "\(peer.address)")
        if random.chance(15) { said.labels = [random.pick([0, 1, 2, 3, 3])] }
        if WaysModel.farEnds.contains(peer) {
            said.path = [WaysModel.system(of: peer)]
            if random.chance(5) { said.nextHop = "192.0.2.77" }
        } else {
            if random.chance(10) { said.labels = [3001, 3002] }
            said.isMarked = random.chance(30)
            said.preference = random.chance(30) ? 200 : 100
            if random.chance(40) { said.nextHop = random.pick(["10.98.1.7", "10.98.1.2", "10.0.0.1"]) }
        }
        if random.chance(30) { said.path.append(65_100) }
        if random.chance(4) { said.path.append(42) }
        if random.chance(8) { said.communities = [random.pick([.noExport, .noAdvertise])] }
        return (peer, prefix, said)
    }

    mutating func tell(_ word: Word) throws {
        let (peer, prefix, said) = word
        guard up.contains(peer) else { return }
        told[peer, default: [:]][prefix] = said
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: said.path), nextHop: BGPNextHop(try address(said.nextHop)))
        contents.localPreference = said.preference
        contents.communities = said.communities
        contents.largeCommunities = said.isMarked ? [WayBorder.mark] : []
        owner.handle(
            .update(
                neighbor: peer,
                try CoreRouter.announcement(prefix, labels: said.labels, PathAttributes(contents))))
        guard model.takes(said, of: prefix, from: peer) else {
            model.held[peer]?[prefix] = nil
            return
        }
        guard model.held[peer]?[prefix]?.said != said else { return }
        if WaysModel.host(prefix) == nil, model.held[peer]?[prefix]?.said.nextHop != said.nextHop {
            // No transport is known to lead to a next hop that is new until that is said: the label may end meanwhile.
            for receiver in Self.all { labels[receiver]?[prefix] = nil }
        }
        model.held[peer, default: [:]][prefix] = WaysModel.Held(said: said, since: owner.now)
    }

    mutating func withdraw(_ prefix: String, from peer: PeerAddress) {
        guard up.contains(peer), let text = IPPrefix(prefix) else { return }
        owner.handle(.update(neighbor: peer, Update(withdrawing: [.labeledUnicast(text)])))
        told[peer]?[prefix] = nil
        model.held[peer]?[prefix] = nil
    }

    mutating func answerRefreshes() throws {
        let requests = owner.refreshRequests
        owner.refreshRequests = []
        for (peer, family) in requests {
            for (prefix, said) in (told[peer] ?? [:]).sorted(by: { $0.key < $1.key })
            where (family == .ipv6LabeledUnicast) == WaysModel.isIPv6(prefix) {
                try tell((peer, prefix, said))
            }
        }
    }
}
