import Addressing
import ForwardingTables
import Routing

/// The routes in the tables: prefixes, and the next hops that they have.
final class InstalledRoutes {
    /// Attempts in one round with routes that have found no room: some milliseconds' work.
    private static let attemptsPerRound = 2000
    /// Attempts in vain after which a VRF has to wait for the next round: its share is full.
    private static let vainAttemptsPerVRF = 8
    private static let vainAttemptsPerRound = 256

    private let context: TablesContext
    private let nextHops: InstalledNextHops
    private let writer: RouteWriter
    /// The routes that neighbors have for being there, whether or not routing has one of its own in their place.
    private var hosts = NumberedTable<VRFNumber, [IPPrefix: NextHopKey]>()
    /// Prefixes of full length that routing has set: a neighbor's own route gives way to them.
    private var routedHosts = NumberedTable<VRFNumber, Set<IPPrefix>>()
    /// What has found no room.
    private(set) var waiting = WaitingRoutes()

    init(_ context: TablesContext, nextHops: InstalledNextHops) {
        self.context = context
        self.nextHops = nextHops
        writer = context.writer.routes
    }

    // MARK: Routes of routing

    /// Puts a prefix into a VRF's FIB, or gives it another next hop.
    func set(vrf: VRFNumber, prefix: IPPrefix, _ action: ForwardingAction) {
        if prefix.length == prefix.family.bits { routedHosts[vrf, default: []].insert(prefix) }
        setNextHop(action.nextHop(vrf: vrf, family: prefix.family), vrf: vrf, prefix: prefix)
    }

    /// Takes a prefix out of a VRF's FIB; a neighbor's own route that stood back takes its place.
    func remove(vrf: VRFNumber, prefix: IPPrefix) {
        routedHosts[vrf]?.remove(prefix)
        if let host = hosts[vrf]?[prefix] {
            setNextHop(host, vrf: vrf, prefix: prefix)
        } else {
            clear(vrf: vrf, prefix: prefix)
        }
    }

    /// Removes a VRF from the tables, with all its routes, and gives its next hops up.
    func removeVRF(_ vrf: VRFPlan) {
        var released: [UInt32] = []
        writer.forEach(vrf: vrf.number.rawValue) { released.append($1) }
        _ = context.attempt("vrf \(vrf.identity.name)") { () throws(TablesError) in
            try context.writer.removeVRF(vrf.number.rawValue)
        }
        for nextHop in released { nextHops.release(nextHop) }
        waiting.removeAll(in: vrf.number)
        hosts[vrf.number] = nil
        routedHosts[vrf.number] = nil
    }

    /// Whether a prefix has the next hop that it should have.
    func isInstalled(_ action: ForwardingAction, vrf: VRFNumber, prefix: IPPrefix) -> Bool {
        guard context.plan.has(vrf) else { return false }
        let number = writer.nextHop(of: prefix, vrf: vrf.rawValue)
        return nextHops.key(of: number) == action.nextHop(vrf: vrf, family: prefix.family)
    }

    // MARK: Neighbors

    /// Whether routes or route maps need the neighbor, its own route not counted.
    func need(_ key: NeighborKey) -> Bool {
        nextHops.leading(to: key).contains { nextHops[$0].map(isHostRoute) == false }
    }

    /// A circuit's neighbor that is known, or known not to answer, has a route of its own in the VRF while the circuit
    /// has its link.
    func setHostRoute(_ key: NeighborKey) {
        let plan = context.plan
        guard let circuit = plan.interface(numbered: key.interface), circuit.kind == .attachmentCircuit,
            let vrf = circuit.vrf.flatMap({ plan.vrfs[$0]?.number })
        else { return }
        // Nothing is forwarded to a link-local address (RFC 4291 §2.5.6).
        if case .ipv6(let address) = key.address, address.isLinkLocal { return }
        let prefix = IPPrefix(host: key.address)
        let isKnown =
            !context.unusablePorts.contains(circuit.port)
            && context.neighborEntry(key).map { $0.state != .incomplete } ?? false
        let isRouted = isRouted(prefix, vrf: vrf)
        if isKnown {
            let nextHop = NextHopKey.gateway(
                vrf: vrf, circuit: circuit.number, key.address, key.address.family)
            hosts[vrf, default: [:]][prefix] = nextHop
            if !isRouted { setNextHop(nextHop, vrf: vrf, prefix: prefix) }
        } else if hosts[vrf]?.removeValue(forKey: prefix) != nil, !isRouted {
            clear(vrf: vrf, prefix: prefix)
        }
    }

    /// After these interfaces have changed: who was a host by a circuit that is gone, or another VRF's, is none. A circuit
    /// that goes to another VRF has another number there.
    func removeLeftHostRoutes(of names: Set<String>, old: ForwardingPlan) {
        let left = names.compactMap { old.interfaces[$0] }.filter { before in
            before.kind == .attachmentCircuit && !isCircuit(before.number, of: before.vrf)
        }
        guard !left.isEmpty else { return }
        for vrf in Set(left.compactMap { $0.vrf.flatMap { old.vrfs[$0]?.number } }) {
            for (prefix, nextHop) in hosts[vrf] ?? [:] {
                guard case .gateway(_, let circuit, _, _) = nextHop, left.contains(where: { $0.number == circuit })
                else {
                    continue
                }
                hosts[vrf]?[prefix] = nil
                if !isRouted(prefix, vrf: vrf) { clear(vrf: vrf, prefix: prefix) }
            }
        }
    }

    private func isCircuit(_ number: InterfaceNumber, of vrf: String?) -> Bool {
        guard let interface = context.plan.interface(numbered: number) else { return false }
        return interface.kind == .attachmentCircuit && interface.vrf == vrf
    }

    private func isRouted(_ prefix: IPPrefix, vrf: VRFNumber) -> Bool { routedHosts[vrf]?.contains(prefix) ?? false }

    /// Whether all that has a next hop is the route that its neighbor has for being there.
    private func isHostRoute(_ hop: InstalledNextHop) -> Bool {
        guard case .gateway(let vrf, _, let address, _) = hop.key, hop.users == 1 else { return false }
        let prefix = IPPrefix(host: address)
        return hosts[vrf]?[prefix] == hop.key && !isRouted(prefix, vrf: vrf)
    }

    // MARK: Placing

    /// Gives a prefix a next hop. Without room for it the prefix waits and has none: the one that it had may lead to
    /// somebody else by now.
    @discardableResult
    private func setNextHop(_ key: NextHopKey, vrf: VRFNumber, prefix: IPPrefix) -> Bool {
        guard context.plan.has(vrf) else { return true }
        var isPlaced = place(key, vrf: vrf, prefix: prefix)
        if !isPlaced {
            if case .group(_, let members) = key {
                placeOne(of: members, vrf: vrf, prefix: prefix)
            } else if writer.nextHop(of: prefix, vrf: vrf.rawValue) != 0, clear(vrf: vrf, prefix: prefix) {
                // What the old next hop gives back was enough.
                isPlaced = place(key, vrf: vrf, prefix: prefix)
            }
        }
        if isPlaced { waiting.remove(prefix, in: vrf) } else { waiting.add(prefix, in: vrf) }
        return isPlaced
    }

    /// One of several is better than none while there is no room for a group: the one that the prefix has, otherwise one that
    /// leads out.
    private func placeOne(of members: [NextHopKey], vrf: VRFNumber, prefix: IPPrefix) {
        let old = writer.nextHop(of: prefix, vrf: vrf.rawValue)
        if old != 0, let key = nextHops.key(of: old), members.contains(key) { return }
        let leading = members.filter(nextHops.leadsOut)
        if (leading + members).contains(where: { place($0, vrf: vrf, prefix: prefix) }) { return }
        if old != 0, clear(vrf: vrf, prefix: prefix) {
            _ = (leading + members).contains { place($0, vrf: vrf, prefix: prefix) }
        }
    }

    private func place(_ key: NextHopKey, vrf: VRFNumber, prefix: IPPrefix) -> Bool {
        let old = writer.nextHop(of: prefix, vrf: vrf.rawValue)
        if old != 0, nextHops.key(of: old) == key { return true }
        guard let nextHop = nextHops.acquire(key, insteadOf: old) else { return false }
        let done: Void? = context.attempt("route \(prefix) in vrf \(name(of: vrf))") { () throws(TablesError) in
            try writer.set(prefix, vrf: vrf.rawValue, nextHop: nextHop)
        }
        nextHops.release(done == nil ? nextHop : old)
        return done != nil
    }

    /// Takes a prefix out; without room for the smaller trie it waits for that.
    @discardableResult
    private func clear(vrf: VRFNumber, prefix: IPPrefix) -> Bool {
        guard context.plan.has(vrf) else { return true }
        let old = writer.nextHop(of: prefix, vrf: vrf.rawValue)
        if old != 0 {
            let done = context.attempt("route \(prefix) in vrf \(name(of: vrf))") { () throws(TablesError) in
                try writer.remove(prefix, vrf: vrf.rawValue)
            }
            guard done == true else {
                waiting.add(prefix, in: vrf)
                return false
            }
            nextHops.release(old)
        }
        waiting.remove(prefix, in: vrf)
        return true
    }

    private func name(of vrf: VRFNumber) -> String { context.plan.vrfNames[vrf.rawValue] ?? "\(vrf)" }

    // MARK: Trying again

    /// Tries routes again that have found no room, a bounded portion of them.
    ///
    /// - Parameter action: what a VRF does with a prefix now; `nil`: routing has no route for it.
    /// - Returns: whether there is more to be tried at once.
    func retryWaiting(_ action: (_ vrf: VRFNumber, IPPrefix) -> ForwardingAction?) -> Bool {
        guard !waiting.isEmpty else { return false }
        var attempts = Self.attemptsPerRound
        var vainAttempts = Self.vainAttemptsPerRound
        for vrf in waiting.nextRound() {
            var vainInVRF = 0
            var waitingInVRF = waiting.prefixes[vrf]?.count ?? 0
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

    private func restore(_ prefix: IPPrefix, in vrf: VRFNumber, _ action: ForwardingAction?) -> Bool {
        if let key = action?.nextHop(vrf: vrf, family: prefix.family) ?? hosts[vrf]?[prefix] {
            return setNextHop(key, vrf: vrf, prefix: prefix)
        }
        return clear(vrf: vrf, prefix: prefix)
    }
}
