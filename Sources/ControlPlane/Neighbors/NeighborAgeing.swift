import Addressing

extension NeighborTable {
    /// Does what has become due: retransmissions, ageing, forgetting. To be called about ten times a second.
    public mutating func advance(now: Duration) -> [NeighborEffect] {
        guard let due = nextDeadline, due <= now else { return [] }
        var effects: [NeighborEffect] = []
        for key in entries.filter({ $0.value.deadline <= now }).keys.sorted() {
            effects += expire(key, now: now)
        }
        nextDeadline = entries.values.map(\.deadline).min()
        return effects
    }

    private mutating func expire(_ key: NeighborKey, now: Duration) -> [NeighborEffect] {
        guard var entry = entries[key] else { return [] }
        switch entry.state {
        case .reachable:
            entry.state = .stale
            entry.deadline = now + timing.stale
            entries[key] = entry
            return []
        case .stale:
            entry.state = .probe
            entry.solicitations = 0
        case .incomplete, .probe:
            guard entry.solicitations < timing.solicitations else { return fail(key, now: now) }
        case .failed:
            guard entry.isWanted else { return remove(key) }
            // Asking goes on for as long as a route needs the neighbor; it stays failed until it answers.
            entry.deadline = now + timing.retry
            entries[key] = entry
            return solicitation(for: key, to: nil).map { [$0] } ?? []
        }
        entry.solicitations += 1
        entry.deadline = now + timing.retransmission
        entries[key] = entry
        let known = entry.state == .probe ? entry.hardwareAddress : nil
        var questions = [solicitation(for: key, to: known)]
        // Whoever has another Ethernet address by now hears only what goes to all: it follows the last probe at once.
        if known != nil, entry.solicitations >= timing.solicitations {
            questions.append(solicitation(for: key, to: nil))
        }
        return questions.compactMap { $0 }
    }

    mutating func fail(_ key: NeighborKey, now: Duration) -> [NeighborEffect] {
        guard var entry = entries[key] else { return [] }
        let undeliverable = entry.held.map { NeighborEffect.undeliverable(key, $0) }
        countHeld(-undeliverable.count, on: key.interface)
        entry.state = .failed
        entry.held = []
        entry.retry = now + timing.retry
        entry.deadline = now + (entry.isWanted ? timing.retry : timing.failureMemory)
        entries[key] = entry
        return [.failed(key)] + undeliverable
    }
}
