import BGP
import Routing

/// Labels whose routes have all been withdrawn, and that stay valid until the neighbor has read that.
///
/// There may be as many as routes. What a connection has carried is acknowledged in its order, so that of each the first alone is
/// asked for.
struct ExpiringLabels {
    private struct Entry {
        let binding: LabelBinding
        /// Which one it is of all that were added.
        let number: Int
        /// Behind the withdrawals; `nil`: there is no session that they could be read in.
        let mark: TransmissionMark?
        /// It ceases to be valid then whatever the neighbor says.
        let latest: Duration
        /// When it ceases to be valid, once the withdrawals have arrived.
        var deadline: Duration?

        var end: Duration { min(deadline ?? latest, latest) }
    }

    /// Those whose withdrawals went by one connection, in their order.
    private struct Row {
        var entries: [Entry] = []
        /// Those before it are over.
        var first = 0
        /// The withdrawals of those before it have arrived.
        var unread = 0
    }

    private var rows: [TransmissionMark?: Row] = [:]
    /// Which entry of a label counts; others are left over.
    private var numbers: [LabelBinding: Int] = [:]
    private var next = 0

    mutating func add(_ binding: LabelBinding, behind mark: TransmissionMark?, latest: Duration) {
        numbers[binding] = next
        rows[mark?.beginning, default: Row()].entries.append(
            Entry(binding: binding, number: next, mark: mark, latest: latest))
        next += 1
    }

    mutating func remove(_ binding: LabelBinding) { numbers[binding] = nil }

    /// The labels whose time is over, at most so many, which are forgotten, in the order in which they were added.
    /// - Parameters:
    ///   - delay: the time from when the withdrawals have arrived until the neighbor has acted on them.
    ///   - isAcknowledged: whether what stands before a mark has arrived.
    mutating func takeExpired(
        now: Duration, delay: Duration, limit: Int, isAcknowledged: (TransmissionMark) -> Bool
    ) -> [LabelBinding] {
        var expired: [Entry] = []
        for key in Array(rows.keys) {
            guard var row = rows.removeValue(forKey: key) else { continue }
            noteRead(&row, deadline: now + delay, isAcknowledged)
            while expired.count < limit, row.first < row.entries.count {
                let entry = row.entries[row.first]
                let isLeftOver = numbers[entry.binding] != entry.number
                guard isLeftOver || entry.end <= now else { break }
                row.first += 1
                if !isLeftOver { expired.append(entry) }
            }
            if row.first < row.entries.count { rows[key] = row }
        }
        expired.sort { $0.number < $1.number }
        for entry in expired { numbers[entry.binding] = nil }
        return expired.map(\.binding)
    }

    private func noteRead(_ row: inout Row, deadline: Duration, _ isAcknowledged: (TransmissionMark) -> Bool) {
        var known: TransmissionMark?
        row.unread = max(row.unread, row.first)
        while row.unread < row.entries.count {
            let entry = row.entries[row.unread]
            // Many stand behind one mark.
            if let mark = entry.mark, mark != known, numbers[entry.binding] == entry.number {
                guard isAcknowledged(mark) else { return }
                known = mark
            }
            row.entries[row.unread].deadline = deadline
            row.unread += 1
        }
    }
}
