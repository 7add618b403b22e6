import Addressing
import BGP

/// Who says how prefixes of labelled unicast are reached, and whose they are: what neighbors have sent, and the PEs of the own network
/// that the core knows a transport to by other means.
struct LabelledWays {
    private let nextHops: RouteNextHops
    private(set) var senders = RouteSenders()
    /// The PEs that the configuration binds ways to: they are ours, whoever says what of them.
    private(set) var bound: Set<IPAddress> = []
    /// Those that a routing engine knows: ours unless another operator's route says otherwise, since an IGP may have that as well.
    private(set) var learnt: Set<IPAddress> = []
    /// Those that lists of Option C neighbors name one by one.
    private(set) var named: Set<IPAddress> = []

    init(_ nextHops: RouteNextHops) { self.nextHops = nextHops }

    static func nlri(of provider: IPAddress) -> NLRI { .labeledUnicast(IPPrefix(host: provider)) }

    /// The address that a route is of; `nil`: it is of a prefix.
    static func host(_ nlri: NLRI) -> IPAddress? {
        let prefix = nlri.prefix
        return Int(prefix.length) == prefix.family.bits ? prefix.address : nil
    }

    /// Those that are known without a route.
    var known: Set<IPAddress> { bound.union(learnt).union(named) }

    /// The PEs whose transports are followed.
    var providers: Set<IPAddress> { known.union(senders.all.compactMap(Self.host)) }

    // MARK: Changes

    mutating func insert(_ nlri: NLRI, of neighbor: NeighborState) { senders.insert(nlri, of: neighbor) }
    mutating func remove(_ nlri: NLRI, of neighbor: NeighborState) { _ = senders.remove(nlri, of: neighbor) }
    mutating func removeSenders() { senders.removeAll() }
    mutating func setNamed(_ hosts: Set<IPAddress>) { named = hosts }

    /// Returns those of which something else is known.
    mutating func setKnown(bound: Set<IPAddress>, learnt: Set<IPAddress>) -> Set<IPAddress> {
        let changed = self.bound.symmetricDifference(bound).union(self.learnt.symmetricDifference(learnt))
        (self.bound, self.learnt) = (bound, learnt)
        return changed
    }

    // MARK: Whose they are

    /// The path that counts; `nil` if there is none. Of what is ours other operators have nothing to say, up or not.
    func best(_ nlri: NLRI) -> Path? {
        let isOurs = isOurs(nlri)
        return senders.best(nlri, among: { !isOurs || $0.isInternal }, nextHop: { state(nlri, $0, of: $1) })
    }

    /// A PE of ours that no route says anything of, and that a transport leads to.
    func hasOwnPE(_ nlri: NLRI) -> Bool {
        guard let host = Self.host(nlri), nextHops.state(of: host) != .unreachable else { return false }
        return isOurs(nlri) && !senders.senders(of: nlri).contains(where: \.isInternal)
    }

    private func isOurs(_ nlri: NLRI) -> Bool {
        var (isAnothers, isMarked) = (false, false)
        for sender in senders.senders(of: nlri) {
            guard sender.isInternal else {
                isAnothers = true
                continue
            }
            guard let route = sender.received.table(of: nlri)?.routes[nlri],
                sender.inputs.isMarked(route.attributes)
            else { return true }
            isMarked = true
        }
        guard let host = Self.host(nlri) else { return false }
        if bound.contains(host) { return true }
        // A list may name a loopback of another operator's, as a way through here.
        if named.contains(host), !isMarked { return !isAnothers || nextHops.state(of: host) != .unreachable }
        return learnt.contains(host) && !isAnothers && !isMarked
    }

    /// Whether packets by a label that leads there get anywhere still. Where they do not, nobody may use it: what the far end does with
    /// the label behind it is not known.
    func leads(_ target: LabelTarget, _ nlri: NLRI) -> Bool {
        guard case .swap(let target) = target else { return false }
        let host = Self.host(nlri)
        if let host, target.way == .provider(host) { return nextHops.state(of: host) != .unreachable }
        return senders.senders(of: nlri).contains { sender in
            guard let route = sender.received.table(of: nlri)?.routes[nlri] else { return false }
            let path = Path(route, nlri, of: sender, nextHop: state(nlri, route, of: sender))
            return path.nextHop != .unreachable && WayChoice(path, nlri, host, under: target.stack)?.target == target
        }
    }

    /// A PE's next hop is itself, a prefix's is another.
    private func state(_ nlri: NLRI, _ route: AdjRIBInTable.Route, of neighbor: NeighborState) -> NextHopState {
        guard neighbor.isInternal, let host = Self.host(nlri) else { return nextHops.state(of: route, from: neighbor) }
        return nextHops.state(of: host)
    }
}
