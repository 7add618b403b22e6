import Addressing
import BGP

/// The sources that routes have in common: one for each next hop and label, however many routes lead there.
struct RelaySources {
    private var shared: [RelaySourceKey: RelaySource] = [:]

    /// The source of a path; `nil` for one without a next hop.
    mutating func source(of path: Path) -> RelaySource? {
        guard let key = RelaySourceKey(path) else { return nil }
        if let known = shared[key] { return known }
        guard let target = SwapTarget(path) else { return nil }
        let new = RelaySource(.relayed(target), .swap(target))
        shared[key] = new
        return new
    }

    /// The source that a label's owner is about.
    func source(of owner: LabelOwner, in table: RelayedRoutes) -> RelaySource? {
        switch owner.subject {
        case .vrf, .vrfOnCircuit, .common, .labelledPrefix, .relayedService, .nextHop, .prefix, .circuitPrefix,
            .segment:
            nil
        case .relayed(let target): RelaySourceKey(target).flatMap { shared[$0] }
        // The route may have come to share one, while the label of its own is still on its way out.
        case .relayedPrefix(let prefix):
            table.sources[.vpn(prefix)].flatMap { $0.subject == owner.subject ? $0 : nil }
        }
    }

    /// Forgets a source that nobody uses.
    mutating func forgetIfUnused(_ source: RelaySource) {
        guard source.uses == 0, case .relayed(let target) = source.subject, let key = RelaySourceKey(target),
            shared[key] === source
        else { return }
        shared[key] = nil
    }
}
