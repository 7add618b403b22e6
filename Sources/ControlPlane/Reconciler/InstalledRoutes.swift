import Addressing
import CTableLayout
import ForwardingTables
import Routing

/// Prefixes, and the next hops that they have.
extension InstalledTables {
    // MARK: Routes of routing

    /// Puts a prefix into a VRF's FIB, or gives it another next hop.
    func setRoute(vrf: String, prefix: IPPrefix, _ action: ForwardingAction) {
        if prefix.length == prefix.family.bits { routedHosts[vrf, default: []].insert(prefix) }
        setNextHop(action.nextHop(vrf: vrf, family: prefix.family), vrf: vrf, prefix: prefix)
    }

    /// Takes a prefix out of a VRF's FIB; a neighbor's own route that stood back takes its place.
    func removeRoute(vrf: String, prefix: IPPrefix) {
        routedHosts[vrf]?.remove(prefix)
        if let host = hosts[vrf]?[prefix] {
            setNextHop(host, vrf: vrf, prefix: prefix)
        } else {
            clear(vrf: vrf, prefix: prefix)
        }
    }

    /// Takes all prefixes out of a VRF's FIB.
    func removeAllRoutes(vrf: String) {
        guard let plan = plan.vrfs[vrf] else { return }
        removeVRF(vrf, number: plan.number)
        setFlags(of: plan, name: vrf)
    }

    /// Empties a VRF's FIB and gives its next hops up.
    func removeVRF(_ vrf: String, number: UInt16) {
        var released: [UInt32] = []
        writer.forEachRoute(vrf: number) { released.append($1) }
        _ = attempt("vrf \(vrf)") { () throws(TablesError) in try writer.removeVRF(number) }
        for nextHop in released { release(nextHop) }
        waiting.removeAll(in: vrf)
        hosts[vrf] = nil
        routedHosts[vrf] = nil
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
        guard let name = plan.vrfNames[number] else { return nil }
        let reader = writer.reader
        let found: UInt32 =
            switch destination {
            case .ipv4(let address): reader.fib.lookup(ipv4: address.rawValue, root: reader.ipv4Root(ofVRF: number))
            case .ipv6(let address): reader.fib.lookup(ipv6: address.rawValue, root: reader.ipv6Root(ofVRF: number))
            }
        guard let hop = nextHops[found], hop.key.vrf == name else { return nil }
        if case .subnet(_, let circuit, _) = hop.key {
            return plan.interfaces[circuit].map { NeighborKey(interface: $0.number, address: destination) }
        }
        return hop.neighbor
    }

    /// A circuit's neighbor that is known, or known not to answer, has a route of its own in the VRF while the circuit
    /// has its link.
    private func setHostRoute(_ key: NeighborKey) {
        guard let circuit = plan.interface(numbered: key.interface), circuit.kind == .attachmentCircuit,
            let vrf = circuit.vrf
        else { return }
        // Nothing is forwarded to a link-local address (RFC 4291 §2.5.6).
        if case .ipv6(let address) = key.address, address.isLinkLocal { return }
        let prefix = IPPrefix(host: key.address)
        let isKnown =
            !unusablePorts.contains(circuit.port) && neighborEntry(key).map { $0.state != .incomplete } ?? false
        let isRouted = isRouted(prefix, vrf: vrf)
        if isKnown {
            let nextHop = NextHopKey.gateway(vrf: vrf, circuit: circuit.name, key.address)
            hosts[vrf, default: [:]][prefix] = nextHop
            if !isRouted { setNextHop(nextHop, vrf: vrf, prefix: prefix) }
        } else if hosts[vrf]?.removeValue(forKey: prefix) != nil, !isRouted {
            clear(vrf: vrf, prefix: prefix)
        }
    }

    /// After these interfaces have changed: who was a host by a circuit that is gone, or another VRF's, is none.
    func removeLeftHostRoutes(of names: Set<String>, old: ForwardingPlan) {
        let left = names.filter { name in
            guard let before = old.interfaces[name], before.kind == .attachmentCircuit else { return false }
            let now = plan.interfaces[name]
            return now?.kind != .attachmentCircuit || now?.vrf != before.vrf
        }
        guard !left.isEmpty else { return }
        for vrf in Set(left.compactMap { old.interfaces[$0]?.vrf }) {
            for (prefix, nextHop) in hosts[vrf] ?? [:] {
                guard case .gateway(_, let circuit, _) = nextHop, left.contains(circuit) else { continue }
                let interface = plan.interfaces[circuit]
                if let interface, interface.kind == .attachmentCircuit, interface.vrf == vrf { continue }
                hosts[vrf]?[prefix] = nil
                if !isRouted(prefix, vrf: vrf) { clear(vrf: vrf, prefix: prefix) }
            }
        }
    }

    private func isRouted(_ prefix: IPPrefix, vrf: String) -> Bool { routedHosts[vrf]?.contains(prefix) ?? false }

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
    func setNextHop(_ key: NextHopKey, vrf: String, prefix: IPPrefix) -> Bool {
        guard let number = plan.vrfs[vrf]?.number else { return true }
        var isPlaced = place(key, vrf: vrf, number: number, prefix: prefix)
        // What the old next hop gives back may be enough.
        if !isPlaced, writer.nextHop(of: prefix, vrf: number) != 0, clear(vrf: vrf, prefix: prefix) {
            isPlaced = place(key, vrf: vrf, number: number, prefix: prefix)
        }
        if isPlaced { waiting.remove(prefix, in: vrf) } else { waiting.add(prefix, in: vrf) }
        return isPlaced
    }

    private func place(_ key: NextHopKey, vrf: String, number: UInt16, prefix: IPPrefix) -> Bool {
        let old = writer.nextHop(of: prefix, vrf: number)
        if old != 0, nextHops[old]?.key == key { return true }
        guard let nextHop = acquire(key) else { return false }
        let done: Void? = attempt("route \(prefix) in vrf \(vrf)") { () throws(TablesError) in
            try writer.setRoute(prefix, vrf: number, nextHop: nextHop)
        }
        release(done == nil ? nextHop : old)
        return done != nil
    }

    /// Takes a prefix out; without room for the smaller trie it waits for that.
    @discardableResult
    func clear(vrf: String, prefix: IPPrefix) -> Bool {
        guard let plan = plan.vrfs[vrf] else { return true }
        let old = writer.nextHop(of: prefix, vrf: plan.number)
        if old != 0 {
            let done = attempt("route \(prefix) in vrf \(vrf)") { () throws(TablesError) in
                try writer.removeRoute(prefix, vrf: plan.number)
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
    func isInstalled(_ action: ForwardingAction, vrf: String, prefix: IPPrefix) -> Bool {
        guard let plan = plan.vrfs[vrf] else { return false }
        let number = writer.nextHop(of: prefix, vrf: plan.number)
        return nextHops[number]?.key == action.nextHop(vrf: vrf, family: prefix.family)
    }
}
