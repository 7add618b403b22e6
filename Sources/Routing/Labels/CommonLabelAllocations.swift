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
    /// No quarantine ends before; `nil` if there is none.
    private(set) var nextEnd: Instant?
    /// Those that have a label or had it until lately.
    private var owners: [CommonLabel: Set<LabelOwner>] = [:]
    /// Of those labels the ones of label spaces, by the label that names the space.
    private var ofSpaces: [MPLSLabel: Set<CommonLabel>] = [:]

    /// The label is the owner's.
    mutating func take(_ owner: LabelOwner) {
        guard let label = owner.subject.commonLabel else { return }
        quarantine[owner] = nil
        owners[label, default: []].insert(owner)
        if let context = label.context { ofSpaces[context, default: []].insert(label) }
    }

    /// The label is the owner's no more, and no other's there until then.
    mutating func release(_ owner: LabelOwner, until: Instant) {
        take(owner)
        quarantine[owner] = until
        nextEnd = min(until, nextEnd ?? until)
    }

    /// The label is the owner's no more, and nobody has heard of it.
    mutating func giveBack(_ owner: LabelOwner) {
        guard let label = owner.subject.commonLabel else { return }
        quarantine[owner] = nil
        owners[label]?.remove(owner)
        guard owners[label]?.isEmpty == true else { return }
        owners[label] = nil
        guard let context = label.context else { return }
        ofSpaces[context]?.remove(label)
        if ofSpaces[context]?.isEmpty == true { ofSpaces[context] = nil }
    }

    /// Ends the quarantines whose time is over, and returns them.
    mutating func endQuarantines(now: Instant) -> [LabelOwner] {
        guard let nextEnd, nextEnd <= now else { return [] }
        let ended = quarantine.filter { $0.value <= now }.map(\.key)
        for owner in ended { giveBack(owner) }
        self.nextEnd = quarantine.values.min()
        return ended
    }

    /// Begins quarantines anew whose time is over, or sets their ends back.
    mutating func adjustQuarantines(_ adjusted: (LabelOwner, Instant) -> Instant) {
        for (owner, until) in quarantine { quarantine[owner] = adjusted(owner, until) }
        nextEnd = quarantine.values.min()
    }

    /// Those that have a label, or had it until lately.
    func owners(of label: CommonLabel) -> Set<LabelOwner> { owners[label] ?? [] }

    /// All of them.
    var all: some Sequence<LabelOwner> { owners.values.joined() }

    /// The numbers that packets of some place have on top, or had until lately: they are no label of the box's own to give.
    var outermost: Set<MPLSLabel> { Set(owners.keys.map(\.outermost)) }

    /// Whether the number is one of those.
    func isOutermost(_ label: MPLSLabel) -> Bool { owners[CommonLabel(label)] != nil || ofSpaces[label] != nil }

    /// What keeps the owner from having its label; `nil`: nothing.
    ///
    /// - Parameter isProvisioned: whether the configuration has an owner.
    func obstacle(to owner: LabelOwner, isProvisioned: (LabelOwner) -> Bool) -> Obstacle? {
        guard let label = owner.subject.commonLabel else { return nil }
        var found = obstacle(to: owner, among: owners(of: label), isProvisioned)
        if found == .isInUse { return found }
        // Labels of one space are told from each other; a label of the block means one VRF or one space.
        let others = label.context.map { [CommonLabel($0)] } ?? Array(ofSpaces[label.label] ?? [])
        for other in others {
            let more = obstacle(to: owner, among: owners(of: other), isProvisioned)
            if more == .isInUse { return more }
            found = later(found, more)
        }
        return found
    }

    private func obstacle(
        to owner: LabelOwner, among others: Set<LabelOwner>, _ isProvisioned: (LabelOwner) -> Bool
    ) -> Obstacle? {
        var found: Obstacle?
        for other in others where other != owner && other.isInPlace(of: owner) {
            if other.subject == owner.subject {
                // In the own network routers may come and go: the label is the VRF's there as before. Nor is it anything else to
                // another neighbor that has it by right.
                let areInCore = [owner, other].allSatisfy { $0.neighbor.nni == NeighborIdentity.core }
                if areInCore || isProvisioned(other) { continue }
            }
            guard let until = quarantine[other] else { return .isInUse }
            found = later(found, .isInQuarantine(until: until))
        }
        return found
    }

    private func later(_ a: Obstacle?, _ b: Obstacle?) -> Obstacle? {
        guard case .isInQuarantine(let first)? = a, case .isInQuarantine(let second)? = b else { return a ?? b }
        return first < second ? b : a
    }
}

extension CommonLabel {
    /// What packets have on top.
    var outermost: MPLSLabel { context ?? label }

    /// Whether a packet's label could be taken for the other: they are equal, or one is a VRF's and the other names a space.
    func isMistakable(for other: CommonLabel) -> Bool {
        self == other || (outermost == other.outermost && (context == nil) != (other.context == nil))
    }
}

extension LabelOwner {
    /// Whether packets of one could be taken for those of the other: on its NNI, or since they come from the same address.
    fileprivate func isInPlace(of other: LabelOwner) -> Bool {
        neighbor.nni == other.neighbor.nni || neighbor.address == other.neighbor.address
    }
}
