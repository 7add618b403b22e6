import Addressing
import BGP

/// A tunnel, with whose it is.
struct TunnelKey: Hashable, Comparable {
    /// The tree's root; where the tree does not say it, or has many, the next hop: who puts a tunnel of its own into a route names itself
    /// there (RFC 7524 §6.2, RFC 9572 §5), and nobody else changes it.
    let owner: IPAddress
    let tree: PMSITunnel.Tree

    static func < (a: Self, b: Self) -> Bool { a.owner == b.owner ? a.tree < b.tree : a.owner < b.owner }
}

/// What a route says of the labels of its tunnel, by itself: which they are and where they belong, or why they are placed nowhere
/// (RFC 9573 §4.2). What other routes of the PE have to do with it is looked at in ``RouterLabels``.
struct SaidLabels: Equatable {
    let tunnel: TunnelKey
    let stance: TunnelStance
    /// Each with the space that it belongs to; none where anything is wrong with one of them.
    let labels: [PlacedLabel]
    let fault: RouteRejection?
    /// Where a broadcast domain has its labels, by each of its route targets, with which segments' labels have to agree, whether it has one
    /// or not: a tunnel that is no aggregate has none, and segments' labels in it all the same. None of an MVPN route.
    let domains: [DomainPlace]

    /// `nil` for routes without labels that these rules are about.
    init?(_ nlri: NLRI, _ attributes: PathAttributes, block: ClosedRange<UInt32>?) {
        let contents = attributes.contents
        guard nlri.announcesTunnel, let tunnel = contents.pmsiTunnel, let tree = tunnel.labelledTree,
            let provider = contents.nextHop?.resolvedAddress, contents.hasLabelOfRoot
        else { return nil }
        self.tunnel = TunnelKey(owner: tree.root ?? provider, tree: tree)
        let said = contents.labelOrigin
        stance = TunnelStance(said)
        let origin = ReceivedLabelOrigin(said, block: block)
        do throws(LabelFault) {
            let space = try origin.space.get()
            labels = try Self.labels(tunnel, contents, origin, space)
            fault = nil
            var domains: [DomainPlace] = []
            if case .evpn = nlri {
                for target in contents.routeTargets {
                    domains.append(DomainPlace(provider: provider, target: target, space: space))
                }
            }
            self.domains = domains
        } catch {
            labels = []
            fault = error.reason
            domains = []
        }
    }

    /// Whether any of it is of the owner's own space.
    var isOfOwner: Bool { labels.first?.space == .provider || domains.first?.space == .provider }

    private static func labels(
        _ tunnel: PMSITunnel, _ contents: PathAttributes.Contents, _ origin: ReceivedLabelOrigin,
        _ space: PlacedLabel.Space
    ) throws(LabelFault) -> [PlacedLabel] {
        var labels: [PlacedLabel] = []
        if case .context(let name) = space { labels.append(PlacedLabel(name, .space, in: .common)) }
        // RFC 6514 §5: zero is no label; the tunnel is one VPN's alone.
        if let label = MPLSLabel(rawValue: tunnel.labelField >> 4), label.rawValue != 0 {
            if let fault = origin.fault(of: label) { throw fault }
            labels.append(PlacedLabel(label, .tunnel, in: space))
        }
        // A label below one that cannot be looked up is never reached: without these the tunnel's is of no use.
        for (_, label) in contents.peDistinguisherLabels?.labels ?? [] {
            guard !label.isReserved else { throw LabelFault(.reservedTunnelLabel) }
            // RFC 9573 §4.2: they are from where the tunnel's label is from.
            if origin.fault(of: label) != nil { throw LabelFault(.labelsOfSeveralSpaces) }
            labels.append(PlacedLabel(label, .provider, in: space))
        }
        return labels
    }
}
