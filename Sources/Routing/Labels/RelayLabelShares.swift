import Addressing

/// How many labels each neighbor on an NNI has taken up with the routes that it has sent, in use and in quarantine and for all
/// neighbors that are told them: one that sends a route again and again, each time with another label, must not use up the
/// range for all others.
struct RelayLabelShares {
    private var senders: [LabelOwner: PeerAddress] = [:]
    private var counts: [PeerAddress: Int] = [:]

    /// What was saved: where the label of a single route led is not known any more.
    init(_ allocations: LabelAllocations) {
        for owner in allocations.labels.keys { add(owner) }
        for entry in allocations.quarantine.values { if let owner = entry.owner { add(owner) } }
    }

    /// The most for one neighbor where its configuration does not say it (`maximum-labels`): a quarter of the range. Few labels
    /// are not worth dividing.
    static func share(of range: ClosedRange<UInt32>) -> Int { max(16, range.count / 4) }

    func count(of sender: PeerAddress) -> Int { counts[sender] ?? 0 }

    /// Whether a label of the owner, in use or in quarantine, is counted.
    func has(_ owner: LabelOwner) -> Bool { senders[owner] != nil }

    /// The owner has a label, which leads to the target. The own network's are not counted.
    mutating func add(_ owner: LabelOwner, to target: SwapTarget) {
        var sender: PeerAddress?
        if case .neighbor(let neighbor) = target.way { sender = neighbor.peer }
        guard senders[owner] != sender else { return }
        remove(owner)
        guard let sender else { return }
        senders[owner] = sender
        counts[sender, default: 0] += 1
    }

    private mutating func add(_ owner: LabelOwner) {
        if case .relayed(let target) = owner.subject { add(owner, to: target) }
    }

    /// The owner has no label any more, nor is one in quarantine.
    mutating func remove(_ owner: LabelOwner) {
        guard let sender = senders.removeValue(forKey: owner), let count = counts[sender] else { return }
        counts[sender] = count > 1 ? count - 1 : nil
    }
}
