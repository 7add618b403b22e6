import Addressing
import CTableLayout
import ForwardingTables
import Routing

/// Prefixes, and the next hops that they have.
extension InstalledTables {
    // MARK: Routes of routing

    /// Puts a prefix into a VRF's FIB, or gives it another next hop.
    func setRoute(vrf: VRFNumber, prefix: IPPrefix, _ action: ForwardingAction) {
        if prefix.length == prefix.family.bits { routedHosts[vrf, default: []].insert(prefix) }
        setNextHop(action.nextHop(vrf: vrf, family: prefix.family), vrf: vrf, prefix: prefix)
    }

    /// Takes a prefix out of a VRF's FIB; a neighbor's own route that stood back takes its place.
    func removeRoute(vrf: VRFNumber, prefix: IPPrefix) {
        routedHosts[vrf]?.remove(prefix)
        if let host = hosts[vrf]?[prefix] {
            setNextHop(host, vrf: vrf, prefix: prefix)
        } else {
            clear(vrf: vrf, prefix: prefix)
        }
    }

    /// Takes all prefixes out of a VRF's FIB.
    func removeAllRoutes(vrf: VRFNumber) {
        guard let plan = plan.vrf(numbered: vrf) else { return }
        removeVRF(plan)
        setFlags(of: plan)
    }

    /// Empties a VRF's FIB and gives its next hops up.
    func removeVRF(_ vrf: VRFPlan) {
        var released: [UInt32] = []
        writer.routes.forEach(vrf: vrf.number.rawValue) { released.append($1) }
        _ = attempt("vrf \(vrf.identity.name)") { () throws(TablesError) in
            try writer.removeVRF(vrf.number.rawValue)
        }
        for nextHop in released { release(nextHop) }
        waiting.removeAll(in: vrf.number)
        hosts[vrf.number] = nil
        routedHosts[vrf.number] = nil
    }

    // MARK: Neighbors

    /// A neighbor has been resolved, has changed its address, has failed or is forgotten.
    func neighborChanged(_ key: NeighborKey) {
        setHostRoute(key)
        refreshSources(of: key)
        for number in links.numbers(to: key) { refreshLink(number) }
    }

    /// Neighbors that have come to be needed by routes, route maps and labels (`true`), or are no longer (`false`), since this was
    /// last called.
    func takeChangedNeeds() -> [NeighborKey: Bool] {
        defer { changedNeeds = [] }
        return Dictionary(
            uniqueKeysWithValues: changedNeeds.map { ($0, needs($0)) })
    }

    /// Whether routes, route maps or the labels of an NNI need the neighbor, its own route not counted.
    func needs(_ key: NeighborKey) -> Bool {
        sources.need(key) || (dependents[key] ?? []).contains { nextHops[$0].map(isHostRoute) == false }
    }

    /// What the tables do with packets of a VRF to an address: the neighbor that has to be resolved, if it is that.
    ///
    /// Looked up here and not taken from the punted packet, which may have come by the tables of an older generation.
    func unresolvedNeighbor(vrf number: UInt16, destination: IPAddress) -> NeighborKey? {
        let reader = writer.reader
        let found: UInt32 =
            switch destination {
            case .ipv4(let address): reader.fib.lookup(ipv4: address.rawValue, root: reader.ipv4Root(ofVRF: number))
            case .ipv6(let address): reader.fib.lookup(ipv6: address.rawValue, root: reader.ipv6Root(ofVRF: number))
            }
        guard let hop = nextHops[found], hop.key.vrf.rawValue == number else { return nil }
        if case .subnet(_, let circuit, _) = hop.key {
            return plan.interface(numbered: circuit).map { NeighborKey(interface: $0.number, address: destination) }
        }
        return hop.neighbor
    }

    /// A circuit's neighbor that is known, or known not to answer, has a route of its own in the VRF while the circuit
    /// has its link.
    private func setHostRoute(_ key: NeighborKey) {
        guard let circuit = plan.interface(numbered: key.interface), circuit.kind == .attachmentCircuit,
            let vrf = circuit.vrf.flatMap({ plan.vrfs[$0]?.number })
        else { return }
        // Nothing is forwarded to a link-local address (RFC 4291 §2.5.6).
        if case .ipv6(let address) = key.address, address.isLinkLocal { return }
        let prefix = IPPrefix(host: key.address)
        let isKnown =
            !unusablePorts.contains(circuit.port) && neighborEntry(key).map { $0.state != .incomplete } ?? false
        let isRouted = isRouted(prefix, vrf: vrf)
        if isKnown {
            let nextHop = NextHopKey.gateway(vrf: vrf, circuit: circuit.number, key.address)
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
                guard case .gateway(_, let circuit, _) = nextHop, left.contains(where: { $0.number == circuit }) else {
                    continue
                }
                hosts[vrf]?[prefix] = nil
                if !isRouted(prefix, vrf: vrf) { clear(vrf: vrf, prefix: prefix) }
            }
        }
    }

    private func isCircuit(_ number: InterfaceNumber, of vrf: String?) -> Bool {
        guard let interface = plan.interface(numbered: number) else { return false }
        return interface.kind == .attachmentCircuit && interface.vrf == vrf
    }

    private func name(of vrf: VRFNumber) -> String { plan.vrfNames[vrf.rawValue] ?? "\(vrf)" }

    private func isRouted(_ prefix: IPPrefix, vrf: VRFNumber) -> Bool { routedHosts[vrf]?.contains(prefix) ?? false }

    /// Whether all that has a next hop is the route that its neighbor has for being there.
    private func isHostRoute(_ hop: InstalledNextHop) -> Bool {
        guard case .gateway(let vrf, _, let address) = hop.key, hop.users == 1 else { return false }
        let prefix = IPPrefix(host: address)
        return hosts[vrf]?[prefix] == hop.key && !isRouted(prefix, vrf: vrf)
    }

    // MARK: Next hops

    /// Gives a prefix a next hop. Without room for it the prefix waits and has none: the one that it had may lead to
    /// somebody else by now.
    @discardableResult
    func setNextHop(_ key: NextHopKey, vrf: VRFNumber, prefix: IPPrefix) -> Bool {
        guard plan.has(vrf) else { return true }
        var isPlaced = place(key, vrf: vrf, prefix: prefix)
        // What the old next hop gives back may be enough.
        if !isPlaced, writer.routes.nextHop(of: prefix, vrf: vrf.rawValue) != 0, clear(vrf: vrf, prefix: prefix) {
            isPlaced = place(key, vrf: vrf, prefix: prefix)
        }
        if isPlaced { waiting.remove(prefix, in: vrf) } else { waiting.add(prefix, in: vrf) }
        return isPlaced
    }

    private func place(_ key: NextHopKey, vrf: VRFNumber, prefix: IPPrefix) -> Bool {
        let old = writer.routes.nextHop(of: prefix, vrf: vrf.rawValue)
        if old != 0, nextHops[old]?.key == key { return true }
        guard let nextHop = acquire(key) else { return false }
        let done: Void? = attempt("route \(prefix) in vrf \(name(of: vrf))") { () throws(TablesError) in
            try writer.routes.set(prefix, vrf: vrf.rawValue, nextHop: nextHop)
        }
        release(done == nil ? nextHop : old)
        return done != nil
    }

    /// Takes a prefix out; without room for the smaller trie it waits for that.
    @discardableResult
    func clear(vrf: VRFNumber, prefix: IPPrefix) -> Bool {
        guard plan.has(vrf) else { return true }
        let old = writer.routes.nextHop(of: prefix, vrf: vrf.rawValue)
        if old != 0 {
            let done = attempt("route \(prefix) in vrf \(name(of: vrf))") { () throws(TablesError) in
                try writer.routes.remove(prefix, vrf: vrf.rawValue)
            }
            guard done == true else {
                waiting.add(prefix, in: vrf)
                return false
            }
            release(old)
        }
        waiting.remove(prefix, in: vrf)
        return true
    }

    /// Whether a prefix has the next hop that it should have.
    func isInstalled(_ action: ForwardingAction, vrf: VRFNumber, prefix: IPPrefix) -> Bool {
        guard plan.has(vrf) else { return false }
        let number = writer.routes.nextHop(of: prefix, vrf: vrf.rawValue)
        return nextHops[number]?.key == action.nextHop(vrf: vrf, family: prefix.family)
    }
}
