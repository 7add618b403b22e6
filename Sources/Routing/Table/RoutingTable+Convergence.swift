import Addressing
import BGP

/// The first convergence after a start (RFC 4724 §4.1) and what else depends on time.
extension RoutingTable {
    /// How long allocations that have changed may be unsaved when no label depends on it.
    static let allocationsSaveDelaySeconds: UInt32 = 1
    /// How long the first convergence waits for the routes of a neighbor whose End-of-RIB may never come.
    static let settlingSeconds: UInt32 = 2

    /// When to report ``RoutingEvent/timePassed`` at the latest; `nil` if nothing waits for time.
    public var nextDeadline: Instant? {
        var deadlines: [Instant] = []
        if !isConverged {
            if let selectionDeferral { deadlines.append(selectionDeferral) }
            deadlines += settling.values
        }
        if let allocationsSaveDue { deadlines.append(allocationsSaveDue) }
        if let end = labels.nextQuarantineEnd { deadlines.append(end) }
        deadlines += vrfs.values.compactMap(\.admissionRetryAt)
        for neighbor in neighbors.values {
            if let end = neighbor.labelsEnd { deadlines.append(end) }
            deadlines += AddressFamily.allCases.compactMap { neighbor.family($0).staleDeadline }
        }
        return deadlines.min()
    }

    func passTime() {
        for neighbor in neighborsInOrder {
            for family in AddressFamily.allCases {
                guard let deadline = neighbor.family(family).staleDeadline, deadline <= now else { continue }
                removeStale(neighbor, family)
            }
            if let end = neighbor.labelsEnd, end <= now {
                neighbor.labelsEnd = nil
                endLabels(of: neighbor)
            }
        }
        for vrf in vrfs.values.sorted(by: { $0.name < $1.name }) {
            if let retry = vrf.admissionRetryAt, retry <= now { admitRefusedRoutes(vrf) }
        }
        if labels.endQuarantines(now: now) {
            scheduleAllocationsSave()
            if !ownersWithoutLabel.isEmpty { reconcileLabels() }
        }
        if let due = allocationsSaveDue, due <= now { saveAllocations() }
        for (address, end) in settling where end <= now { stopAwaiting(address) }
    }

    func scheduleAllocationsSave() {
        if allocationsSaveDue == nil {
            allocationsSaveDue = now.advanced(bySeconds: Self.allocationsSaveDelaySeconds)
        }
    }

    func saveAllocations() {
        allocationsSaveDue = nil
        effects.append(.saveAllocations)
    }

    /// Ends the first convergence when no End-of-RIB is outstanding or its time is over.
    func checkConvergence() {
        guard !isConverged, isConfigured else { return }
        let isTimeOver = selectionDeferral.map { $0 <= now } ?? false
        guard awaited.isEmpty || isTimeOver else { return }
        awaited = [:]
        settling = [:]
        isConverged = true
        effects.append(.converged)
    }

    /// An awaited neighbor is back, and its End-of-RIB is waited for. RFC 4724 §4.1 excludes a neighbor that has
    /// restarted itself, which may be waiting for ours, and one without graceful restart. Their routes are needed as
    /// well when the tables change over, or packets that go on being forwarded would find none: they get a moment.
    func convergeWith(_ neighbor: NeighborState, _ session: SessionParameters) {
        let address = neighbor.address
        guard awaited.keys.contains(address) else { return }
        guard !session.families.isEmpty else { return stopAwaiting(address) }
        awaited.updateValue(session.families, forKey: address)
        let mayStaySilent = session.gracefulRestart?.restarted ?? true
        settling[address] = mayStaySilent ? now.advanced(bySeconds: Self.settlingSeconds) : nil
    }

    private func stopAwaiting(_ address: IPAddress) {
        awaited.removeValue(forKey: address)
        settling[address] = nil
    }

    func endOfRIB(from neighbor: NeighborState, _ family: AddressFamily) {
        if neighbor.family(family).holdsStaleRoutes { removeStale(neighbor, family) }
        guard case .some(.some(var outstanding)) = awaited[neighbor.address] else { return }
        outstanding.remove(family)
        if outstanding.isEmpty {
            stopAwaiting(neighbor.address)
        } else {
            awaited.updateValue(outstanding, forKey: neighbor.address)
        }
    }
}
