import Addressing

/// The label of each VRF, and the labels that were given up and may not yet be given to another VRF.
///
/// A label belongs to a VRF by name, is the same on all NNIs and for both families, and is kept over restarts. A VRF
/// that comes back while its label is in quarantine gets it again.
public struct LabelAllocations: Hashable, Sendable {
    /// A label that was in use.
    public struct Quarantined: Hashable, Sendable {
        /// The VRF that had it: the only one that may have it before `until`.
        public let vrf: String
        public let until: Timestamp

        public init(vrf: String, until: Timestamp) {
            self.vrf = vrf
            self.until = until
        }
    }

    /// The labels in use by VRF.
    public private(set) var labels: [String: MPLSLabel] = [:]
    /// The labels in quarantine.
    public private(set) var quarantine: [MPLSLabel: Quarantined] = [:]
    private var holders: [MPLSLabel: String] = [:]
    /// No label of `searchedRange` below this one is free: allocating a thousand labels searches the range once.
    private var lowestCandidate: UInt32 = 0
    private var searchedRange: ClosedRange<UInt32> = 0...0

    public init() {}

    /// Allocations as they were saved; `nil` if two VRFs have the same label, a label in use is in quarantine as
    /// well, or a label is reserved.
    public init?(labels: [String: MPLSLabel], quarantine: [MPLSLabel: Quarantined]) {
        for (vrf, label) in labels {
            guard !label.isReserved, quarantine[label] == nil, holders.updateValue(vrf, forKey: label) == nil else {
                return nil
            }
        }
        guard quarantine.keys.allSatisfy({ !$0.isReserved }) else { return nil }
        self.labels = labels
        self.quarantine = quarantine
    }

    /// The VRF that has `label` in use.
    public func holder(of label: MPLSLabel) -> String? { holders[label] }

    /// The label that `vrf` has, or the one it had until lately, or the lowest of `range` that is free at `now`;
    /// `nil` if there is none. What is reserved is not given out.
    public mutating func allocate(
        for vrf: String, from range: ClosedRange<UInt32>, now: Timestamp
    ) -> MPLSLabel? {
        if let label = labels[vrf] { return label }
        endQuarantines(now: now)
        guard let label = ownQuarantined(vrf, in: range) ?? lowestFree(in: range) else { return nil }
        quarantine[label] = nil
        labels[vrf] = label
        holders[label] = vrf
        return label
    }

    /// Takes the label from `vrf`; it goes to no other VRF for `quarantineSeconds`.
    public mutating func release(_ vrf: String, now: Timestamp, quarantineSeconds: UInt32) {
        guard let label = labels.removeValue(forKey: vrf) else { return }
        holders[label] = nil
        quarantine[label] = Quarantined(vrf: vrf, until: now.advanced(bySeconds: quarantineSeconds))
    }

    /// Ends the quarantines whose time is over; whether there were any.
    @discardableResult
    public mutating func endQuarantines(now: Timestamp) -> Bool {
        let ended = quarantine.filter { $0.value.until <= now }.keys
        for label in ended {
            quarantine[label] = nil
            lowestCandidate = min(lowestCandidate, label.rawValue)
        }
        return !ended.isEmpty
    }

    /// Shortens quarantines that end later than one that would begin at `now`: the clock was set back meanwhile.
    mutating func boundQuarantines(now: Timestamp, quarantineSeconds: UInt32) {
        let latest = now.advanced(bySeconds: quarantineSeconds)
        for (label, entry) in quarantine where entry.until > latest {
            quarantine[label] = Quarantined(vrf: entry.vrf, until: latest)
        }
    }

    /// When the next quarantine ends.
    var nextQuarantineEnd: Timestamp? { quarantine.values.lazy.map(\.until).min() }

    private func ownQuarantined(_ vrf: String, in range: ClosedRange<UInt32>) -> MPLSLabel? {
        quarantine.lazy.filter { $0.value.vrf == vrf && range.contains($0.key.rawValue) }.map(\.key).min()
    }

    private mutating func lowestFree(in range: ClosedRange<UInt32>) -> MPLSLabel? {
        if range != searchedRange {
            searchedRange = range
            lowestCandidate = max(16, range.lowerBound)
        }
        while lowestCandidate <= range.upperBound, let label = MPLSLabel(rawValue: lowestCandidate) {
            if holders[label] == nil, quarantine[label] == nil { return label }
            lowestCandidate += 1
        }
        return nil
    }

    public static func == (a: Self, b: Self) -> Bool { a.labels == b.labels && a.quarantine == b.quarantine }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(labels)
        hasher.combine(quarantine)
    }
}
