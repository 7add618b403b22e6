import Addressing
import BGP

/// Routes that a neighbor may have to be told, or told otherwise, since its session, a label or the inputs are others: looked at a
/// portion at a time, since there may be as many as a full table has and each may call for a label.
///
/// It goes through the routes as they were when it began: what changes later is looked at by itself.
struct ExportReview {
    /// Routes of one kind.
    enum Part {
        /// All that the VRF has.
        case vrf(VRFState, [IPPrefix])
        /// What calls for labels that may be called for no longer.
        case labelled([NLRI])
        /// What the neighbor has been sent.
        case sent([NLRI])

        fileprivate var count: Int {
            switch self {
            case .vrf(_, let prefixes): prefixes.count
            case .labelled(let routes), .sent(let routes): routes.count
            }
        }

        /// Whether all that is to be looked at of the other is looked at with this one.
        fileprivate func covers(_ other: Part) -> Bool {
            switch (self, other) {
            case (.vrf(let vrf, _), .vrf(let former, _)): vrf === former
            case (.vrf, _), (.labelled, _), (.sent, _): false
            }
        }
    }

    /// A route to look at.
    enum Step {
        case prefix(IPPrefix, VRFState)
        case labelled(NLRI)
        case sent(NLRI)
    }

    private var parts: [Part] = []
    /// How many of the first part have been looked at.
    private var looked = 0

    var isOver: Bool { parts.isEmpty }
    var routesLeft: Int { parts.reduce(-looked) { $0 + $1.count } }

    /// Whether routes of the VRF are to be looked at.
    func covers(_ vrf: VRFState) -> Bool {
        for case .vrf(let other, _) in parts where other === vrf { return true }
        return false
    }

    /// Looks at those as well; at the same ones as before once, as they are now.
    mutating func add(_ part: Part) {
        guard part.count > 0 else { return }
        if let first = parts.first, part.covers(first) { looked = 0 }
        parts.removeAll { part.covers($0) }
        parts.append(part)
    }

    mutating func popNext() -> Step? {
        guard let part = parts.first else { return nil }
        defer {
            looked += 1
            if looked == part.count {
                parts.removeFirst()
                looked = 0
            }
        }
        switch part {
        case .vrf(let vrf, let prefixes): return .prefix(prefixes[looked], vrf)
        case .labelled(let routes): return .labelled(routes[looked])
        case .sent(let routes): return .sent(routes[looked])
        }
    }
}
