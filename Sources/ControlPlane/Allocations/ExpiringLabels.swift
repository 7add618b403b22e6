import BGP
import Routing

/// Labels whose routes have all been withdrawn, and that stay valid until the neighbor has read that.
struct ExpiringLabels {
    private struct Entry {
        let binding: LabelBinding
        /// Behind the withdrawals; `nil`: there is no session that they could be read in.
        let mark: TransmissionMark?
        /// It ceases to be valid then whatever the neighbor says.
        let latest: Duration
        /// When it ceases to be valid, once the withdrawals have arrived.
        var deadline: Duration?
    }

    private var entries: [Entry] = []

    mutating func add(_ binding: LabelBinding, behind mark: TransmissionMark?, latest: Duration) {
        entries.append(Entry(binding: binding, mark: mark, latest: latest))
    }

    mutating func remove(_ binding: LabelBinding) { entries.removeAll { $0.binding == binding } }

    /// The labels whose time is over, which are forgotten.
    /// - Parameters:
    ///   - delay: the time from when the withdrawals have arrived until the neighbor has acted on them.
    ///   - isAcknowledged: whether what stands before a mark has arrived.
    mutating func takeExpired(
        now: Duration, delay: Duration, isAcknowledged: (TransmissionMark) -> Bool
    ) -> [LabelBinding] {
        for index in entries.indices where entries[index].deadline == nil {
            guard entries[index].mark.map(isAcknowledged) ?? true else { continue }
            entries[index].deadline = now + delay
        }
        let expired = entries.filter { min($0.deadline ?? $0.latest, $0.latest) <= now }
        guard !expired.isEmpty else { return [] }
        entries.removeAll { min($0.deadline ?? $0.latest, $0.latest) <= now }
        return expired.map(\.binding)
    }
}
