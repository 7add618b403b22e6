import Addressing
import BGP

/// The route distinguishers of routes that internal neighbors have sent, which other operators' routes may not have unless it is
/// said. Marked routes are other operators' and do not count.
struct NetworkDistinguishers {
    /// How many routes of internal neighbors have each.
    private var ofCore: [RouteDistinguisher: Int] = [:]
    /// How many routes of Option B neighbors have each.
    private var ofOthers: [RouteDistinguisher: Int] = [:]
    /// The neighbors whose routes were refused because the core has the distinguisher.
    private var refused: [RouteDistinguisher: Set<PeerAddress>] = [:]

    /// What a change of the core's routes calls for.
    enum Consequence {
        /// Routes of Option B neighbors have a distinguisher that is the core's now.
        case taken
        /// A distinguisher for which these neighbors' routes were refused is the core's no longer.
        case released(Set<PeerAddress>)
    }

    /// Whether routes of the core have it.
    func isOfCore(_ distinguisher: RouteDistinguisher) -> Bool { ofCore[distinguisher] != nil }

    mutating func noteRefused(_ distinguisher: RouteDistinguisher, of neighbor: PeerAddress) {
        if ofCore[distinguisher] != nil { refused[distinguisher, default: []].insert(neighbor) }
    }

    mutating func count(ofOthers distinguisher: RouteDistinguisher, _ change: Int) {
        let count = (ofOthers[distinguisher] ?? 0) + change
        ofOthers[distinguisher] = count > 0 ? count : nil
    }

    mutating func count(ofCore distinguisher: RouteDistinguisher, _ change: Int) -> Consequence? {
        let former = ofCore[distinguisher] ?? 0
        let count = former + change
        ofCore[distinguisher] = count > 0 ? count : nil
        if former == 0, count > 0, ofOthers[distinguisher] != nil { return .taken }
        guard count == 0 else { return nil }
        return refused.removeValue(forKey: distinguisher).map { .released($0) }
    }
}

extension RouteDistinguisher {
    /// Whether an AS has given it (RFC 4364 §4.2: types 0 and 2 carry the AS number in two or four octets).
    func isAdministered(by autonomousSystem: UInt32) -> Bool {
        switch rawValue >> 48 {
        case 0: UInt32(rawValue >> 32 & 0xFFFF) == autonomousSystem
        case 2: UInt32(truncatingIfNeeded: rawValue >> 16) == autonomousSystem
        default: false
        }
    }
}
