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
        /// Which one it is of all that were added.
        let number: Int
        /// When it ceases to be valid, once the withdrawals have arrived.
        var deadline: Duration?

        var end: Duration { min(deadline ?? latest, latest) }
    }

    /// There may be as many as relayed routes: one is found without a look at the others.
    private var entries: [LabelBinding: Entry] = [:]
    private var next = 0

    mutating func add(_ binding: LabelBinding, behind mark: TransmissionMark?, latest: Duration) {
        entries[binding] = Entry(binding: binding, mark: mark, latest: latest, number: next)
        next += 1
    }

    mutating func remove(_ binding: LabelBinding) { entries[binding] = nil }

    /// The labels whose time is over, which are forgotten, in the order in which they were added.
    /// - Parameters:
    ///   - delay: the time from when the withdrawals have arrived until the neighbor has acted on them.
    ///   - isAcknowledged: whether what stands before a mark has arrived.
    mutating func takeExpired(
        now: Duration, delay: Duration, isAcknowledged: (TransmissionMark) -> Bool
    ) -> [LabelBinding] {
        for (binding, entry) in entries where entry.deadline == nil {
            guard entry.mark.map(isAcknowledged) ?? true else { continue }
            entries[binding]?.deadline = now + delay
        }
        let expired = entries.values.filter { $0.end <= now }.sorted { $0.number < $1.number }
        for entry in expired { entries[entry.binding] = nil }
        return expired.map(\.binding)
    }
}
