import Addressing

/// How many labels each neighbor on an NNI has taken up with the routes that it has sent, in use and in quarantine and for all
/// neighbors that are told them: one that sends a route again and again, each time with another label, must not use up the
/// range for all others.
struct RelayLabelShares {
    /// How many labels an owner has, in use and in quarantine, and whose routes they are for.
    private struct Share {
        var sender: PeerAddress
        var labels: Int
    }

    private var shares: [LabelOwner: Share] = [:]
    private var counts: [PeerAddress: Int] = [:]

    /// What was saved: where the label of a single route led is not known any more.
    init(_ allocations: LabelAllocations) {
        for owner in allocations.labels.keys { add(owner) }
        for entry in allocations.quarantine.values { if let owner = entry.owner { add(owner) } }
    }

    /// The most for one neighbor where its configuration does not say it (`maximum-labels`), and for the routes of one VRF: a quarter
    /// of the range. Few labels are not worth dividing.
    static func share(of count: Int) -> Int { max(16, count / 4) }

    func count(of sender: PeerAddress) -> Int { counts[sender] ?? 0 }

    /// The owner has got a label, which leads to the target. The own network's are not counted.
    mutating func add(_ owner: LabelOwner, to target: SwapTarget) { set(owner, to: target, more: 1) }

    /// The label that the owner has leads to the target.
    mutating func follow(_ owner: LabelOwner, to target: SwapTarget) {
        set(owner, to: target, more: shares[owner] == nil ? 1 : 0)
    }

    private mutating func set(_ owner: LabelOwner, to target: SwapTarget, more: Int) {
        let former = shares.removeValue(forKey: owner)
        if let former { count(former.sender, -former.labels) }
        guard case .neighbor(let sender) = target.way else { return }
        let new = Share(sender: sender.peer, labels: (former?.labels ?? 0) + more)
        shares[owner] = new
        count(new.sender, new.labels)
    }

    private mutating func add(_ owner: LabelOwner) {
        if let target = owner.subject.sharedTarget { add(owner, to: target) }
    }

    /// A label of the owner's is free again.
    mutating func remove(_ owner: LabelOwner) {
        guard var share = shares[owner] else { return }
        share.labels -= 1
        shares[owner] = share.labels > 0 ? share : nil
        count(share.sender, -1)
    }

    private mutating func count(_ sender: PeerAddress, _ change: Int) {
        let count = (counts[sender] ?? 0) + change
        counts[sender] = count > 0 ? count : nil
    }
}
