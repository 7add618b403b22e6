import Addressing

/// Several paths of a prefix at the same time: those that are as good as the best one up to the tie breakers (RFC 4271
/// §9.1.2.2 c), to other neighbors. What is told to others stays the best path.
///
/// A path from the core may stand beside one from outside where that is asked for (eiBGP). What comes from the core does not
/// go back there: the tables have members of their own for it. Transports have no metric that could tell paths apart.
enum Multipath {
    /// The paths that are used beside the best one, the better first.
    ///
    /// Neighbors are told the best one, and whose it is decides whether another operator hears of it. So where that may be, no
    /// path of another operator's stands beside it without transit: who is told of a customer's path would reach that one.
    static func paths(
        beside best: Path, among others: [Path], _ limits: MultipathLimits, allowsTransit: Bool
    ) -> [Path] {
        let limit = limits.mixed ?? (best.isInternal ? limits.internal : limits.external)
        guard limit > 1, let bestTarget = best.action.target else { return [] }
        var targets: Set<ForwardingAction.Target> = [bestTarget]
        var found: [Path] = []
        for path in BestPath.equals(of: best, among: others)
        where limits.mixed != nil || path.isInternal == best.isInternal {
            guard allowsTransit || best.isAnotherOperators || !path.isAnotherOperators else { continue }
            guard limits.relaxesASPath || path.attributes.asPath.first == best.attributes.asPath.first,
                found.count < limit - 1, let target = path.action.target, targets.insert(target).inserted
            else { continue }
            found.append(path)
        }
        return found
    }

    static func action(of best: Path, beside others: [Path]) -> ForwardingAction {
        guard !others.isEmpty else { return best.action }
        return .multipath(from: [best.action] + others.map(\.action))
    }
}

extension ForwardingAction {
    /// The most members of ``multipath(_:)``.
    public static let mostMembers = 16

    /// Which neighbor an action leads to.
    struct Target: Hashable, Comparable {
        private enum Kind: UInt8 {
            case gateway
            case neighbor
            case provider
        }

        private let kind: Kind
        /// Of no VRF, whatever the neighbor is in.
        private let address: PeerAddress
        private let circuit: InterfaceNumber

        fileprivate init?(_ action: ForwardingAction) {
            switch action {
            case .gateway(let circuit, let gateway):
                (kind, address, self.circuit) = (.gateway, PeerAddress(gateway), circuit)
            case .labelled(let neighbor, _, _): (kind, address, circuit) = (.neighbor, neighbor, .none)
            case .overCore(let provider, _, _): (kind, address, circuit) = (.provider, PeerAddress(provider), .none)
            case .receive, .connected, .discard, .multipath: return nil
            }
        }

        static func < (a: Self, b: Self) -> Bool {
            (a.kind.rawValue, a.address, a.circuit) < (b.kind.rawValue, b.address, b.circuit)
        }
    }

    /// `nil`: it leads to no neighbor, or to several.
    var target: Target? { Target(self) }

    /// One action of several that lead to different neighbors, the best first, of which no more than the first 16 count.
    static func multipath(from actions: [ForwardingAction]) -> ForwardingAction {
        guard actions.count > 1 else { return actions.first ?? .discard }
        let members = actions.prefix(mostMembers).compactMap { action in action.target.map { ($0, action) } }
        return .multipath(members.sorted { $0.0 < $1.0 }.map(\.1))
    }
}
