import Addressing
import BGP

/// The first convergence after a start (RFC 4724 §4.1) and what else depends on time.
extension RoutingTable {
    /// How long allocations that have changed may be unsaved when no label depends on it.
    static let allocationsSaveDelaySeconds: UInt32 = 1

    /// When to report ``RoutingEvent/timePassed`` at the latest; `nil` if nothing waits for time.
    public var nextDeadline: Timestamp? {
        var deadlines: [Timestamp] = []
        if !isConverged, let selectionDeferral { deadlines.append(selectionDeferral) }
        if let allocationsSaveDue { deadlines.append(allocationsSaveDue) }
        if let end = labels.nextQuarantineEnd { deadlines.append(end) }
        deadlines += vrfs.values.compactMap(\.admissionRetryAt)
        for neighbor in neighbors.values {
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
        }
        for vrf in vrfs.values.sorted(by: { $0.name < $1.name }) {
            if let retry = vrf.admissionRetryAt, retry <= now { admitRefusedRoutes(vrf) }
        }
        if labels.endQuarantines(now: now) {
            scheduleAllocationsSave()
            if !vrfsWithoutLabel.isEmpty { reconcileLabels() }
        }
        if let due = allocationsSaveDue, due <= now { saveAllocations() }
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
        isConverged = true
        effects.append(.converged)
    }

    /// An awaited neighbor is back: whose End-of-RIB to wait for (RFC 4724 §4.1: not that of a neighbor that has
    /// restarted itself, which may be waiting for ours, nor of one without graceful restart).
    func convergeWith(_ neighbor: NeighborState, _ session: SessionParameters) {
        guard awaited.keys.contains(neighbor.address) else { return }
        if let restart = session.gracefulRestart, !restart.restarted, !session.families.isEmpty {
            awaited.updateValue(session.families, forKey: neighbor.address)
        } else {
            awaited.removeValue(forKey: neighbor.address)
        }
    }

    func endOfRIB(from neighbor: NeighborState, _ family: AddressFamily) {
        if neighbor.family(family).holdsStaleRoutes { removeStale(neighbor, family) }
        guard case .some(.some(var outstanding)) = awaited[neighbor.address] else { return }
        outstanding.remove(family)
        if outstanding.isEmpty {
            awaited.removeValue(forKey: neighbor.address)
        } else {
            awaited.updateValue(outstanding, forKey: neighbor.address)
        }
    }
}
