import Addressing
import BGP

/// How an MVPN or EVPN route goes to one neighbor, as it was decided. The labels that it has there are those of its sources in
/// ``SignalledLabels``.
struct SignalledRoute {
    /// By whose word.
    let sender: NeighborState
    /// The next hop that it came with, which answers to it name in turn.
    let nextHop: IPAddress?
    /// Whether it is a tunnel that asks its leaves for labels.
    let isAsking: Bool
    let targets: [ExtendedCommunity]
    /// Whether it has labels under which frames are, and under which packets.
    let (hasFrames, hasPackets): (Bool, Bool)

    /// Whether answers go where they would go by the other one.
    func isAnswered(like other: SignalledRoute?) -> Bool {
        sender === other?.sender && nextHop == other?.nextHop && isAsking == other?.isAsking
    }
}

/// A route as one neighbor has sent it, with labels in whose place others can be put.
struct SignalledOffer {
    let path: Path
    let labels: ServiceLabels

    /// `nil` for one that cannot go on.
    init?(_ path: Path, of nlri: NLRI) {
        guard case .labels(let labels) = ServiceLabels.reading(nlri, path.attributes) else { return nil }
        self.path = path
        self.labels = labels
    }
}

extension BestPath {
    /// The best of paths of one route that may all go to somebody.
    ///
    /// - Parameter isAnswer: then of several other operators' the first counts, which they are in the order of: an answer does not say
    ///   whose it is, and by its AS path, or by a shorter one, nobody is to take another's place.
    static func index(in paths: [Path], of nlri: NLRI, isAnswer: Bool) -> Int? {
        guard paths.count > 1 else { return paths.indices.first }
        var candidates = Array(paths.indices)
        if isAnswer, let first = candidates.first(where: { paths[$0].isFromNNI && paths[$0].nextHop != .unreachable }) {
            candidates.removeAll { $0 != first && paths[$0].isFromNNI }
        }
        return index(in: candidates.map { paths[$0] }, of: nlri).map { candidates[$0] }
    }

    /// The best of paths of one route. RFC 7432 §15: a MAC address is where it was seen last, whatever else is said of the routes.
    static func index(in paths: [Path], of nlri: NLRI) -> Int? {
        guard paths.count > 1, case .evpn(let route) = nlri, route.isOfMobileAddress else { return index(in: paths) }
        let ranks = paths.map(\.mobilityRank)
        let reachable = paths.indices.filter { paths[$0].nextHop != .unreachable }
        guard let newest = reachable.map({ ranks[$0] }).max() else { return index(in: paths) }
        let candidates = reachable.filter { ranks[$0] == newest }
        return index(in: candidates.map { paths[$0] }).map { candidates[$0] }
    }
}

extension Path {
    /// By what the newest place of a MAC address is known; 0 without a word of it (RFC 7432 §15: the first place).
    fileprivate var mobilityRank: UInt64 {
        for community in attributes.extendedCommunities {
            if let said = community.overBorder(isForeign: isFromNNI)?.mobilityRank { return said }
        }
        return 0
    }
}
