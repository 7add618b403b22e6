import Addressing
import ForwardingTables
import Routing

/// What found no room is tried again, a bounded portion at a time.
extension InstalledTables {
    /// Attempts with routes in one round: some milliseconds' work.
    private static let attemptsPerRound = 2000
    /// Attempts in vain after which a VRF has to wait for the next round: its share is full.
    private static let vainAttemptsPerVRF = 8
    private static let vainAttemptsPerRound = 256
    private static let linksPerRound = 1000
    private static let longestApplyPause = Duration.seconds(30)

    /// Tries routes and links again.
    ///
    /// - Parameter action: what a VRF does with a prefix now; `nil`: routing has no route for it.
    /// - Returns: whether there is more to be tried at once.
    func retryWaitingRoutes(_ action: (_ vrf: VRFNumber, IPPrefix) -> ForwardingAction?) -> Bool {
        refreshWaitingLinks(limit: Self.linksPerRound)
        guard waiting.hasRoutes else { return false }
        var attempts = Self.attemptsPerRound
        var vainAttempts = Self.vainAttemptsPerRound
        for vrf in waiting.nextRound() {
            var vainInVRF = 0
            var waitingInVRF = waiting.routes[vrf]?.count ?? 0
            while waitingInVRF > 0, vainInVRF < Self.vainAttemptsPerVRF {
                guard attempts > 0, vainAttempts > 0, let prefix = waiting.takeFirst(in: vrf) else { break }
                attempts -= 1
                waitingInVRF -= 1
                if restore(prefix, in: vrf, action(vrf, prefix)) { continue }
                vainInVRF += 1
                vainAttempts -= 1
            }
        }
        return attempts == 0
    }

    /// Whether parts of the plan are to be written again: they found no room, and some has come free since. Memory of the
    /// file system can come free unseen.
    var isToBeAppliedAgain: Bool {
        guard services.isIncomplete || !waiting.parts.isEmpty else { return false }
        return writer.givenBackCount != givenBackAtLastApply || services.now - appliedAt >= Self.longestApplyPause
    }

    private func restore(_ prefix: IPPrefix, in vrf: VRFNumber, _ action: ForwardingAction?) -> Bool {
        if let key = action?.nextHop(vrf: vrf, family: prefix.family) ?? hosts[vrf]?[prefix] {
            return setNextHop(key, vrf: vrf, prefix: prefix)
        }
        return clear(vrf: vrf, prefix: prefix)
    }
}
