import Addressing
import BGP

/// The leaves of tunnels that end here: those whose answers go no farther, since the box answers for them.
struct TunnelLeaves {
    struct Leaf {
        /// Where its copies go.
        let target: SwapTarget
        /// Who has told the tunnel that it was told; `nil`: somebody in the own network.
        let root: PeerAddress?
    }

    /// By the route that they answer.
    private var leaves: [NLRI: [NLRI: Leaf]] = [:]

    /// Whether a leaf's answer ends here.
    func contains(_ leaf: NLRI, of tunnel: NLRI) -> Bool { leaves[tunnel]?[leaf] != nil }

    /// Where copies of a tunnel's packets go that come from there, each place once and in order.
    func targets(of tunnel: NLRI, from root: PeerAddress?) -> [SwapTarget] {
        var targets: Set<SwapTarget> = []
        for leaf in (leaves[tunnel] ?? [:]).values where leaf.root == root { targets.insert(leaf.target) }
        return targets.sorted()
    }

    /// A leaf gets copies; with `nil` none by a label of this box. One more than a label can lead to gets none: its answer goes on as it would
    /// without a segmentation point, and stays so until it is decided on again, so that it never gets two copies.
    mutating func set(_ new: Leaf?, of leaf: NLRI, of tunnel: NLRI) {
        guard let new else {
            leaves[tunnel]?[leaf] = nil
            if leaves[tunnel]?.isEmpty == true { leaves[tunnel] = nil }
            return
        }
        guard contains(leaf, of: tunnel) || leaves[tunnel]?.count ?? 0 < LabelTarget.mostCopies else { return }
        leaves[tunnel, default: [:]][leaf] = new
    }
}
