import Addressing

/// Who has which common label, and who had it until lately. Such a label is one number for many owners: a VRF has it for each
/// neighbor. So it is no property of the number whether it is free, but of the place: what a neighbor was told counts there for as
/// long as its quarantine lasts, and nowhere else.
struct CommonLabelAllocations: Hashable, Sendable {
    /// Why an owner may not have its label yet.
    enum Obstacle: Hashable, Sendable {
        /// It is another's still.
        case isInUse
        case isInQuarantine(until: Instant)
    }

    /// When the quarantine of each owner ends that had its label.
    private(set) var quarantine: [LabelOwner: Instant] = [:]
    /// When the first of them does; `nil` if there is none.
    private(set) var nextEnd: Instant?
    /// Those that have a label or had it until lately, by what packets have on top.
    private var owners: [MPLSLabel: Set<LabelOwner>] = [:]

    /// The label is the owner's.
    mutating func take(_ owner: LabelOwner) {
        guard let label = owner.subject.commonLabel else { return }
        setQuarantine(nil, of: owner)
        owners[label.outermost, default: []].insert(owner)
    }

    /// The label is the owner's no more, and no other's there until then.
    mutating func release(_ owner: LabelOwner, until: Instant) {
        take(owner)
        setQuarantine(until, of: owner)
    }

    /// The label is the owner's no more, and nobody has heard of it.
    mutating func giveBack(_ owner: LabelOwner) {
        guard let label = owner.subject.commonLabel else { return }
        setQuarantine(nil, of: owner)
        owners[label.outermost]?.remove(owner)
        if owners[label.outermost]?.isEmpty == true { owners[label.outermost] = nil }
    }

    /// Ends the quarantines whose time is over; whether there were any.
    mutating func endQuarantines(now: Instant) -> Bool {
        guard let nextEnd, nextEnd <= now else { return false }
        for (owner, until) in quarantine where until <= now { giveBack(owner) }
        return true
    }

    /// Begins quarantines anew whose time is over, or sets their ends back.
    mutating func adjustQuarantines(_ adjusted: (LabelOwner, Instant) -> Instant) {
        for (owner, until) in quarantine { quarantine[owner] = adjusted(owner, until) }
        nextEnd = quarantine.values.min()
    }

    private mutating func setQuarantine(_ until: Instant?, of owner: LabelOwner) {
        let former = quarantine[owner]
        quarantine[owner] = until
        if let former, former == nextEnd {
            nextEnd = quarantine.values.min()
        } else if let until {
            nextEnd = min(until, nextEnd ?? until)
        }
    }

    /// Those that have what packets have on top, or had it until lately.
    func owners(of label: MPLSLabel) -> Set<LabelOwner> { owners[label] ?? [] }

    /// What keeps the owner from having its label; `nil`: nothing.
    ///
    /// - Parameter isWanted: whether one that has a label is to keep it.
    func obstacle(to owner: LabelOwner, isWanted: (LabelOwner) -> Bool) -> Obstacle? {
        guard let label = owner.subject.commonLabel else { return nil }
        var found: Obstacle?
        for other in owners[label.outermost] ?? [] where other != owner && other.isInPlace(of: owner) {
            // Labels of one space are told from each other; a label of the block means one VRF or one space.
            guard let theirs = other.subject.commonLabel,
                theirs == label || (theirs.context == nil) != (label.context == nil)
            else { continue }
            // In the own network routers may come and go: the label is the VRF's there as before.
            let isSameMeaning = theirs == label && other.vrf == owner.vrf
            if isSameMeaning, owner.neighbor.nni == NeighborIdentity.core { continue }
            guard let until = quarantine[other] else {
                if isSameMeaning, isWanted(other) { continue }
                return .isInUse
            }
            if case .isInQuarantine(let latest)? = found, latest >= until { continue }
            found = .isInQuarantine(until: until)
        }
        return found
    }
}

extension CommonLabel {
    /// What packets have on top.
    var outermost: MPLSLabel { context ?? label }
}

extension LabelOwner {
    /// Whether packets of one could be taken for those of the other: on its NNI, or since they come from the same address.
    fileprivate func isInPlace(of other: LabelOwner) -> Bool {
        neighbor.nni == other.neighbor.nni || neighbor.address == other.neighbor.address
    }
}
