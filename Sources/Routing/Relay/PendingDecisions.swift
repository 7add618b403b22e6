import Addressing
import BGP

/// Routes of a relay that are decided on a portion at a time, since something has changed that many of them go by. Each cause is there
/// once, however often it has come since: what flaps costs no more than the portions.
struct PendingDecisions {
    enum Cause: Hashable {
        /// All routes, for everybody.
        case inputs
        /// All routes, for a neighbor.
        case receiver(PeerAddress)
        /// The answers to a route, or to routes of a customer.
        case question(AnsweredRoutes.Question)

        /// For whom alone; `nil`: for everybody.
        var receiver: PeerAddress? { if case .receiver(let peer) = self { peer } else { nil } }
    }

    private var causes = DistinctQueue<Cause>()
    private var current: (cause: Cause, routes: [NLRI], next: Int)?

    var isEmpty: Bool { (current.map { $0.next == $0.routes.count } ?? true) && causes.isEmpty }

    /// Whether it is to be decided on all routes for a neighbor.
    func concernsAll(of receiver: PeerAddress) -> Bool {
        let wanted: [Cause] = [.inputs, .receiver(receiver)]
        if let current, current.next < current.routes.count, wanted.contains(current.cause) { return true }
        return wanted.contains { causes.contains($0) }
    }

    mutating func add(_ cause: Cause) {
        if !causes.contains(cause) { causes.append(cause) }
    }

    /// The next route, and for whom it is to be decided on; `nil`: for everybody.
    ///
    /// - Parameter routes: those of a cause, asked for when its turn has come.
    mutating func popNext(routes: (Cause) -> [NLRI]) -> (nlri: NLRI, receiver: PeerAddress?)? {
        while true {
            if let (cause, known, next) = current, next < known.count {
                current?.next += 1
                return (known[next], cause.receiver)
            }
            current = nil
            // What comes from now on is for another turn.
            guard let cause = causes.popFirst() else { return nil }
            current = (cause, routes(cause), 0)
        }
    }
}
