import Addressing
import BGP

/// The first convergence after a start (RFC 4724 §4.1): until the neighbors that were up before have sent their routes,
/// the tables stay as they were and nothing is advertised.
struct FirstConvergence {
    /// How long it waits for the routes of a neighbor whose End-of-RIB may never come.
    private static let settlingSeconds: UInt32 = 2

    /// The neighbors whose End-of-RIB is waited for, each with the families that are outstanding; `nil` while the
    /// session is not up.
    private var awaited: [PeerAddress: Set<SessionFamily>?]
    /// When an awaited neighbor is waited for no longer, for those whose End-of-RIB may never come.
    private var settling: [PeerAddress: Instant] = [:]
    /// When it ends at the latest.
    let deadline: Instant?
    private(set) var isOver = false

    init(awaiting awaited: some Sequence<PeerAddress>, deadline: Instant?) {
        self.awaited = Dictionary(awaited.map { ($0, nil) }) { first, _ in first }
        self.deadline = deadline
    }

    /// When time ends something; `nil` if nothing.
    var nextDeadline: Instant? { isOver ? nil : ([deadline].compactMap { $0 } + settling.values).min() }

    func awaits(_ address: PeerAddress) -> Bool { awaited.keys.contains(address) }

    /// Nothing is expected of neighbors that are not there any more.
    mutating func keep(_ isThere: (PeerAddress) -> Bool) { awaited = awaited.filter { isThere($0.key) } }

    /// An awaited neighbor is back, and its End-of-RIB is waited for. RFC 4724 §4.1 excludes a neighbor that has
    /// restarted itself, which may be waiting for ours, and one without graceful restart. Their routes are needed as
    /// well when the tables change over, or packets that go on being forwarded would find none: they get a moment.
    mutating func established(_ address: PeerAddress, _ session: SessionParameters, now: Instant) {
        guard awaits(address) else { return }
        // What a neighbor wants (RFC 4684) and what PEs signal is in no table, and is not waited for.
        let families = session.families.filter { $0 != .routeTargets && !$0.isSignalling }
        guard !families.isEmpty else { return stopAwaiting(address) }
        awaited.updateValue(families, forKey: address)
        let mayStaySilent = session.gracefulRestart?.restarted ?? true
        settling[address] = mayStaySilent ? now.advanced(bySeconds: Self.settlingSeconds) : nil
    }

    mutating func endOfRIB(from address: PeerAddress, _ family: SessionFamily) {
        guard case .some(.some(var outstanding)) = awaited[address] else { return }
        outstanding.remove(family)
        if outstanding.isEmpty {
            stopAwaiting(address)
        } else {
            awaited.updateValue(outstanding, forKey: address)
        }
    }

    mutating func passTime(now: Instant) {
        for (address, end) in settling where end <= now { stopAwaiting(address) }
    }

    /// Ends when no End-of-RIB is outstanding or its time is over; whether it has just ended.
    mutating func end(now: Instant) -> Bool {
        guard !isOver, awaited.isEmpty || deadline.map({ $0 <= now }) ?? false else { return false }
        awaited = [:]
        settling = [:]
        isOver = true
        return true
    }

    private mutating func stopAwaiting(_ address: PeerAddress) {
        awaited.removeValue(forKey: address)
        settling[address] = nil
    }
}
