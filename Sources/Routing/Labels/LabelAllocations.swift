import Addressing

/// The label of each owner, and the labels that were given up and may not yet be given to another.
///
/// A label is the same for both families and is kept over restarts. A VRF that comes back while its label is in quarantine gets
/// it again. A relay's owner does not: it is named by a label that its next hop may have given to another VPN meanwhile.
///
/// Labels are drawn, each for one owner; common labels (``CommonLabelAllocations``) are provisioned, and one number has many owners.
public struct LabelAllocations: Hashable, Sendable {
    /// A label that was in use.
    public struct Quarantined: Hashable, Sendable {
        /// Who had it: the only one that may have it before `until`, if it is a VRF. `nil` if that is not known, and then nobody
        /// may.
        public let owner: LabelOwner?
        public let until: Instant

        public init(owner: LabelOwner?, until: Instant) {
            self.owner = owner
            self.until = until
        }
    }

    /// The labels in use by owner.
    public private(set) var labels: [LabelOwner: MPLSLabel] = [:]
    /// The labels in quarantine.
    public private(set) var quarantine: [MPLSLabel: Quarantined] = [:]
    /// Those of them that are provisioned, and their quarantines.
    private(set) var common = CommonLabelAllocations()
    private var holders: [MPLSLabel: LabelOwner] = [:]
    /// The labels in quarantine by the VRFs that had them.
    private var former: [LabelOwner: MPLSLabel] = [:]
    /// How many labels the routes of each VRF have taken up, in use and in quarantine.
    private var routeLabels: [VRFIdentity: Int] = [:]
    /// Where those of circuits are.
    private var circuits = CircuitLabels()
    /// When the quarantines end; also those that have ended otherwise, but for the first.
    private var ends = QuarantineEnds()
    /// The free labels of the block that labels are drawn from at present.
    private var free: FreeLabels?
    /// The range that was asked for last.
    private var freeRange: LabelRange?
    /// Whether no block of it has a free label.
    private var isExhausted = false

    /// Labels are drawn from a block of so many, and from the next when it is full: an NNI's table of labels reaches from
    /// its lowest to its highest, and has to fit into the tables for each of many NNIs; see ``CircuitLabels`` for circuits. A new box takes a block at
    /// random, so that a box that has lost its state is unlikely to come upon the labels that it gave before.
    private static let blockSize: UInt32 = 65_536

    /// So many ends of the past are borne with.
    private static let endsSlack = 1_000

    public init() {}

    /// What is to be written to disk of it: while that goes on, a change here copies no more than that.
    public var written: LabelAllocations {
        var written = LabelAllocations()
        (written.labels, written.quarantine, written.common) = (labels, quarantine, common)
        return written
    }

    /// Allocations as they were saved; `nil` if two owners have the same label, a label in use is in quarantine as
    /// well, or a label is reserved.
    public init?(
        labels: [LabelOwner: MPLSLabel], quarantine: [MPLSLabel: Quarantined],
        commonQuarantine: [LabelOwner: Instant] = [:]
    ) {
        for (owner, label) in labels {
            if let provisioned = owner.subject.commonLabel {
                guard label == provisioned.label, !label.isReserved, !provisioned.outermost.isReserved,
                    commonQuarantine[owner] == nil
                else { return nil }
                common.take(owner)
                continue
            }
            guard !label.isReserved, quarantine[label] == nil, holders.updateValue(owner, forKey: label) == nil else {
                return nil
            }
        }
        for (owner, until) in commonQuarantine {
            guard let label = owner.subject.commonLabel, !label.label.isReserved, !label.outermost.isReserved else {
                return nil
            }
            common.release(owner, until: until)
        }
        guard quarantine.keys.allSatisfy({ !$0.isReserved }) else { return nil }
        self.labels = labels
        self.quarantine = quarantine
        for (label, entry) in quarantine {
            if let owner = entry.owner, owner.vrf != nil { former[owner] = label }
            count(label, of: entry.owner, 1)
        }
        for (owner, label) in labels { count(label, of: owner, 1) }
        orderEnds()
    }

    /// How many labels the routes of a VRF have taken up, in use and in quarantine and for all neighbors.
    public func count(ofRoutesIn vrf: VRFIdentity) -> Int { routeLabels[vrf] ?? 0 }

    private mutating func count(_ label: MPLSLabel, of owner: LabelOwner?, _ change: Int) {
        guard let owner else { return }
        circuits.count(label, of: owner, change)
        guard owner.subject.isCalledFor, let vrf = owner.vrf else { return }
        let count = (routeLabels[vrf] ?? 0) + change
        routeLabels[vrf] = count > 0 ? count : nil
    }

    /// Whether the owner has a label, or had one until lately that is its again: it takes up no other.
    func isKept(for owner: LabelOwner) -> Bool { labels[owner] != nil || former[owner] != nil }

    /// The owner that has `label` in use, which was drawn for it.
    public func holder(of label: MPLSLabel) -> LabelOwner? { holders[label] }

    /// Those that have a label, which was drawn or is provisioned.
    func holders(of label: CommonLabel) -> Set<LabelOwner> {
        if label.context == nil, let holder = holders[label.label] { return [holder] }
        return common.owners(of: label).filter { labels[$0] != nil }
    }

    /// Those that have a label or had it until lately.
    public func knownOwners(of label: CommonLabel) -> Set<LabelOwner> {
        let drawn =
            label.context == nil ? [holders[label.label], quarantine[label.label]?.owner].compactMap { $0 } : []
        return common.owners(of: label).union(drawn)
    }

    /// How many labels are in use that were drawn.
    var drawnCount: Int { holders.count }

    /// The owners of drawn labels within a range, for whom it is to be reserved; a few of them.
    public func drawn(within range: ClosedRange<UInt32>, limit: Int) -> [(label: MPLSLabel, owner: LabelOwner)] {
        // There may be as many as relayed routes.
        let labels =
            range.count < holders.count
            ? range.compactMap { MPLSLabel(rawValue: $0) }
            : holders.keys.filter { range.contains($0.rawValue) }.sorted()
        return Array(labels.lazy.compactMap { label in self.holders[label].map { (label, $0) } }.prefix(limit))
    }

    /// What keeps the owner of a common label from having it; `nil`: nothing.
    ///
    /// - Parameter isProvisioned: whether the configuration has an owner of a common label.
    func obstacle(
        to owner: LabelOwner, isProvisioned: (LabelOwner) -> Bool
    ) -> CommonLabelAllocations.Obstacle? {
        guard let label = owner.subject.commonLabel?.outermost else { return nil }
        // Drawn before the block was reserved.
        if holders[label] != nil { return .isInUse }
        if let entry = quarantine[label] { return .isInQuarantine(until: entry.until) }
        return common.obstacle(to: owner, isProvisioned: isProvisioned)
    }

    /// The owner has its common label, of which it has been said that nothing keeps it from it.
    ///
    /// - Returns: whether nobody there has heard of it lately.
    mutating func takeCommon(_ owner: LabelOwner) -> Bool {
        guard let label = owner.subject.commonLabel else { return false }
        let isNew = common.quarantine[owner] == nil
        common.take(owner)
        labels[owner] = label.label
        free?.take(label.outermost)
        return isNew
    }

    /// The label that `owner` has, or the one it had until lately, or one of `range` that is free, drawn at random;
    /// `nil` if there is none. What is reserved, by RFC 3032 §2.1 or here, is not given out.
    public mutating func allocate(
        for owner: LabelOwner, from range: ClosedRange<UInt32>, without reserved: ClosedRange<UInt32>? = nil,
        using generator: inout some RandomNumberGenerator
    ) -> MPLSLabel? {
        if let label = labels[owner] { return label }
        let range = LabelRange(range, without: reserved)
        if range != freeRange || (free?.count ?? 0 == 0 && !isExhausted) { chooseBlock(range, using: &generator) }
        let own = former[owner].flatMap { range.contains($0) && !common.isOutermost($0) ? $0 : nil }
        let near =
            own
            ?? circuits.draw(
                for: owner, from: range, besides: free?.range,
                isFree: { holders[$0] == nil && quarantine[$0] == nil && !common.isOutermost($0) }, using: &generator)
        guard let label = near ?? free?.draw(using: &generator) else { return nil }
        setQuarantine(nil, of: label)
        labels[owner] = label
        holders[label] = owner
        count(label, of: owner, 1)
        free?.take(label)
        return label
    }

    /// Takes the label from `owner`; it goes to no other for `quarantineSeconds`.
    public mutating func release(_ owner: LabelOwner, now: Instant, quarantineSeconds: UInt32) {
        guard let label = labels.removeValue(forKey: owner) else { return }
        if owner.subject.commonLabel != nil {
            return common.release(owner, until: now.advanced(bySeconds: quarantineSeconds))
        }
        holders[label] = nil
        count(label, of: owner, -1)
        setQuarantine(Quarantined(owner: owner, until: now.advanced(bySeconds: quarantineSeconds)), of: label)
    }

    /// Takes the label from `owner`, of which nobody has heard: it is free again.
    mutating func giveBack(_ owner: LabelOwner) {
        guard let label = labels.removeValue(forKey: owner) else { return }
        if let provisioned = owner.subject.commonLabel {
            common.giveBack(owner)
            return giveToFree(provisioned.outermost)
        }
        holders[label] = nil
        count(label, of: owner, -1)
        giveToFree(label)
        isExhausted = false
    }

    /// Puts a label into quarantine that somebody may be using of whom nothing is known here, until `until`. Who has it
    /// here loses it, a common one on that NNI, or everywhere with `nil`.
    public mutating func quarantine(_ label: MPLSLabel, until: Instant, on nni: String? = nil) {
        guard !label.isReserved else { return }
        for owner in common.all where owner.subject.commonLabel?.outermost == label && labels[owner] != nil {
            guard nni == nil || owner.neighbor.nni == nni else { continue }
            labels[owner] = nil
            common.release(owner, until: until)
        }
        if let holder = holders.removeValue(forKey: label) {
            labels[holder] = nil
            count(label, of: holder, -1)
        }
        setQuarantine(Quarantined(owner: nil, until: until), of: label)
    }

    /// Begins the quarantines of common labels anew whose time is over and whose labels are still used.
    mutating func prolongCommonQuarantines(
        now: Instant, bySeconds seconds: UInt32, of isUsed: (LabelOwner, MPLSLabel) -> Bool
    ) {
        guard let first = common.nextEnd, first <= now else { return }
        common.adjustQuarantines { owner, until in
            guard until <= now, let label = owner.subject.commonLabel, isUsed(owner, label.label) else { return until }
            return now.advanced(bySeconds: max(1, seconds))
        }
    }

    /// Whether the time of a quarantine is over.
    func isQuarantineOver(now: Instant) -> Bool { ends.first.map { $0.until <= now } ?? false }

    /// Ends the quarantines whose time is over, and returns them; those whose labels are still used begin anew.
    ///
    /// - Parameters:
    ///   - limit: how many are looked at: there may be as many as routes.
    ///   - seconds: how long those are that begin anew.
    @discardableResult
    public mutating func endQuarantines(
        now: Instant, limit: Int = .max, bySeconds seconds: UInt32 = 0,
        unless isUsed: (LabelOwner, MPLSLabel) -> Bool = { _, _ in false }
    ) -> [Quarantined] {
        var ended: [Quarantined] = []
        var looked = 0
        while looked < limit, let end = ends.first, end.until <= now, let entry = quarantine[end.label] {
            looked += 1
            if let owner = entry.owner, isUsed(owner, end.label) {
                let until = now.advanced(bySeconds: max(1, seconds))
                setQuarantine(Quarantined(owner: owner, until: until), of: end.label)
                continue
            }
            ended.append(entry)
            setQuarantine(nil, of: end.label)
            giveToFree(end.label)
            isExhausted = false
        }
        return ended
    }

    /// Ends those of common labels; whether there were any.
    mutating func endCommonQuarantines(now: Instant) -> Bool {
        let ended = common.endQuarantines(now: now)
        for label in Set(ended.compactMap(\.subject.commonLabel?.outermost)) { giveToFree(label) }
        if !ended.isEmpty { isExhausted = false }
        return !ended.isEmpty
    }

    /// A label is free, unless it has come to be reserved since it was drawn, or is a common one somewhere.
    private mutating func giveToFree(_ label: MPLSLabel) {
        guard freeRange?.contains(label) ?? true, !common.isOutermost(label), holders[label] == nil,
            quarantine[label] == nil
        else { return }
        free?.give(label)
    }

    /// All labels in quarantine, in order.
    var allQuarantined: [(label: MPLSLabel, entry: Quarantined)] {
        let provisioned = common.quarantine.compactMap { owner, until in
            owner.subject.commonLabel.map { (label: $0.label, entry: Quarantined(owner: owner, until: until)) }
        }
        return quarantine.sorted { $0.key < $1.key }.map { (label: $0.key, entry: $0.value) }
            + provisioned.sorted { a, b in
                guard let a = a.entry.owner, let b = b.entry.owner else { return false }
                return a < b
            }
    }

    /// Shortens quarantines that end later than one that would begin at `now`: the clock was set back meanwhile, or
    /// when they began was not known.
    ///
    /// - Parameter seconds: how long one of an owner's that begins now may last; of somebody's with `nil`.
    mutating func boundQuarantines(now: Instant, seconds: (LabelOwner?) -> UInt32) {
        for (label, entry) in quarantine {
            let latest = now.advanced(bySeconds: seconds(entry.owner))
            if entry.until > latest { quarantine[label] = Quarantined(owner: entry.owner, until: latest) }
        }
        common.adjustQuarantines { min($1, now.advanced(bySeconds: seconds($0))) }
        orderEnds()
    }

    /// When the next quarantine ends.
    var nextQuarantineEnd: Instant? { [ends.first?.until, common.nextEnd].compactMap { $0 }.min() }

    private mutating func setQuarantine(_ new: Quarantined?, of label: MPLSLabel) {
        if let owner = quarantine[label]?.owner, former[owner] == label { former[owner] = nil }
        count(label, of: quarantine[label]?.owner, -1)
        count(label, of: new?.owner, 1)
        quarantine[label] = new
        if let owner = new?.owner, owner.vrf != nil { former[owner] = label }
        if let new {
            free?.take(label)
            ends.insert(.init(until: new.until, label: label))
        }
        // Nearly all are of the past where owners come and go.
        if ends.count > 2 * quarantine.count + Self.endsSlack { return orderEnds() }
        while let end = ends.first, quarantine[end.label]?.until != end.until { ends.removeFirst() }
    }

    private mutating func orderEnds() {
        ends = QuarantineEnds()
        for (label, entry) in quarantine { ends.insert(.init(until: entry.until, label: label)) }
    }

    /// Goes over to a block of the range that has free labels: the present one or that in which most labels are in use,
    /// so that the block stays over restarts, or else the next behind it; on a new box a random one.
    private mutating func chooseBlock(_ range: LabelRange, using generator: inout some RandomNumberGenerator) {
        let (low, high) = (max(16, range.all.lowerBound), min(0xF_FFFF, range.all.upperBound))
        freeRange = range
        free = nil
        isExhausted = true
        guard low <= high else { return }
        let blocks = low / Self.blockSize...high / Self.blockSize
        // There may be as many as labels: those that are full are known at once.
        var uses: [UInt32: Int] = [:]
        var taken: [UInt32: Int] = [:]
        for (label, owner) in holders where range.contains(label) {
            taken[label.rawValue / Self.blockSize, default: 0] += 1
            // Those of circuits are anywhere.
            if owner.neighbor.vrf == nil { uses[label.rawValue / Self.blockSize, default: 0] += 1 }
        }
        for label in quarantine.keys where range.contains(label) {
            taken[label.rawValue / Self.blockSize, default: 0] += 1
        }
        let most = uses.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        // One place has both, and its table reaches from the one to the other.
        let reserved = range.reserved.map { $0.lowerBound / Self.blockSize }
        let first = most ?? reserved ?? blocks.lowerBound + UInt32(generator.next() % UInt64(blocks.count))
        for step in 0..<UInt32(blocks.count) {
            let block = blocks.lowerBound + (first - blocks.lowerBound + step) % UInt32(blocks.count)
            let start = block * Self.blockSize
            let part = max(low, start)...min(high, start + (Self.blockSize - 1))
            guard taken[block] ?? 0 < part.count else { continue }
            var found = FreeLabels(part)
            for label in holders.keys { found?.take(label) }
            for label in quarantine.keys { found?.take(label) }
            for label in common.outermost { found?.take(label) }
            if let range = found?.range { for label in freeRange?.reserved(within: range) ?? [] { found?.take(label) } }
            guard let found, found.count > 0 else { continue }
            free = found
            isExhausted = false
            return
        }
    }

    public static func == (a: Self, b: Self) -> Bool {
        a.labels == b.labels && a.quarantine == b.quarantine && a.common.quarantine == b.common.quarantine
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(labels)
        hasher.combine(quarantine)
        hasher.combine(common.quarantine)
    }
}
