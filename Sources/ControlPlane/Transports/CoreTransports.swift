import Addressing
import CTableLayout

/// The ways to PEs that the configuration has and those that are learnt, in one table: which transport leads to a PE, and to
/// which PEs another one does since that was last asked.
///
/// The longest prefix wins, of one prefix the first source, and of a source's ways the one that it prefers. A way whose next
/// hop is on no core interface's subnet goes on by the way to that: the labels of this stand outside. That way's next hop has
/// to be on a subnet. What leads nowhere, or over an interface without link, gives way to the next one, the next source and then a
/// shorter prefix, as a route does whose next hop cannot be reached.
package final class CoreTransports {
    /// What was found of a PE that is watched.
    private struct Watched {
        var found: Result<Transport, TransportObstacle>
        /// Next hops that were asked for on the way, and the PE itself.
        var asked: Set<IPAddress>
    }

    private var plan = CorePlan()
    private var interfaces: Set<InterfaceNumber> = []
    /// Those whose ports have no link: nothing leads over them.
    private var withoutLink: Set<InterfaceNumber> = []
    private var ways = KnownWays()
    /// The PEs whose routes say that they take MPLS over UDP.
    private var offering: Set<IPAddress> = []
    private var watched: [IPAddress: Watched] = [:]
    /// By the addresses that were asked for, the PEs that depend on them.
    private var dependents: [IPAddress: Set<IPAddress>] = [:]
    /// Prefixes to which the ways have changed since changes were last taken.
    private var changedPrefixes: Set<IPPrefix> = []
    private var mayHaveChangedEverywhere = false
    /// The PEs to which static bindings and FRR know a way of their own.
    private var hosts: [TransportSource: Set<IPAddress>] = [:]
    private var areHostsChanged = false
    /// PEs whose changes have been taken, and routing does not know of.
    private var unreported: Set<IPAddress> = []

    package init() {}

    // MARK: What is known

    /// The configuration's part becomes this one.
    package func adopt(_ new: CorePlan) {
        guard new != plan else { return }
        for binding in plan.bindings { set(.staticBinding, binding.prefix, []) }
        for tunnels in plan.tunnels { _ = ways.set(.udp, tunnels.prefix, []) }
        plan = new
        interfaces = Set(new.links.map(\.interface))
        for binding in new.bindings {
            set(.staticBinding, binding.prefix, [LearntWay(nextHop: binding.router, labels: binding.labels)])
        }
        for tunnels in new.tunnels {
            let way = KnownWay.udp(
                from: tunnels.source, hasChecksum: tunnels.hasChecksum, isByCommunity: tunnels.isByCommunity)
            _ = ways.set(.udp, tunnels.prefix, [way])
        }
        mayHaveChangedEverywhere = true
    }

    /// A source has these ways to the PEs of a prefix from now on, the best first, or none any more. It is felt when changes are
    /// taken.
    package func set(_ source: TransportSource, _ prefix: IPPrefix, _ new: [LearntWay]) {
        guard ways.set(source, prefix, new.map(KnownWay.labelled)) else { return }
        changedPrefixes.insert(prefix)
        guard source == .staticBinding || source == .frr, Int(prefix.length) == prefix.family.bits else { return }
        if new.isEmpty {
            hosts[source]?.remove(prefix.address)
        } else {
            hosts[source, default: []].insert(prefix.address)
        }
        areHostsChanged = true
    }

    /// The PEs to which configuration and routing engine know a way of their own, up or not, if they may be others than when this
    /// was last asked.
    package func takeChangedHosts() -> (bound: Set<IPAddress>, learnt: Set<IPAddress>)? {
        guard areHostsChanged else { return nil }
        areHostsChanged = false
        return (hosts[.staticBinding] ?? [], hosts[.frr] ?? [])
    }

    /// These interfaces have no link from now on, and no others.
    package func setWithoutLink(_ new: Set<InterfaceNumber>) {
        guard new != withoutLink else { return }
        withoutLink = new
        mayHaveChangedEverywhere = true
    }

    /// The PEs whose routes say that they take MPLS over UDP are these from now on. It is felt when changes are taken.
    package func setOffering(_ providers: Set<IPAddress>) {
        for provider in offering.symmetricDifference(providers) { changedPrefixes.insert(IPPrefix(host: provider)) }
        offering = providers
    }

    // MARK: What is asked

    /// How packets under a label that a PE gave get there; `nil`: no transport leads there.
    package func transport(to provider: IPAddress) -> Transport? { try? find(provider).get() }

    /// The same with what is in the way.
    package func find(_ provider: IPAddress) -> Result<Transport, TransportObstacle> {
        var asked: Set<IPAddress> = []
        return find(provider, &asked)
    }

    /// A way that is known, used or not.
    package struct StandingWay {
        package let prefix: IPPrefix
        package let source: TransportSource
        /// `nil`: MPLS over UDP to each PE itself.
        package let way: LearntWay?
        package let found: Result<Transport, TransportObstacle>

        package var obstacle: TransportObstacle? {
            if case .failure(let obstacle) = found { obstacle } else { nil }
        }
    }

    /// All ways and where they lead, in the order of the prefixes, and of one prefix in the order in which they are tried.
    package var standingWays: [StandingWay] {
        ways.all.map { prefix, entry in
            var asked: Set<IPAddress> = []
            var way: LearntWay?
            if case .labelled(let learnt) = entry.way { way = learnt }
            // A prefix of PEs has none that could say what it takes.
            let found =
                way == nil
                ? tunnel(entry, to: prefix.address) : resolve(entry, to: prefix.address, &asked)
            return StandingWay(prefix: prefix, source: entry.source, way: way, found: found)
        }
    }

    private func find(_ provider: IPAddress, _ asked: inout Set<IPAddress>) -> Result<Transport, TransportObstacle> {
        asked.insert(provider)
        var first: TransportObstacle?
        if let router = plan.router(provider) {
            if hasLink(router) { return .success(Transport(router: router, labels: [], source: .connected)) }
            first = .unreachableNextHop(provider, .connected)
        }
        let transport = ways.first(to: provider) { entry -> Transport? in
            switch resolve(entry, to: provider, &asked) {
            case .success(let transport): return transport
            case .failure(let obstacle):
                first = first ?? obstacle
                return nil
            }
        }
        return transport.map { .success($0) } ?? .failure(first ?? .noWay)
    }

    private func resolve(
        _ entry: KnownWays.Entry, to provider: IPAddress, _ asked: inout Set<IPAddress>
    ) -> Result<Transport, TransportObstacle> {
        guard case .labelled(let way) = entry.way else {
            return isTunnelTaken(entry, by: provider) ? tunnel(entry, to: provider) : .failure(.tunnelNotOffered)
        }
        guard let outer = leading(to: way, &asked) else {
            return .failure(.unreachableNextHop(way.nextHop, entry.source))
        }
        let labels = outer.labels + way.labels
        guard labels.count <= Int(STILE_TRANSPORT_LABELS) else {
            return .failure(.tooManyLabels(labels.count, entry.source))
        }
        return .success(Transport(router: outer.router, labels: labels, source: entry.source, tunnel: outer.tunnel))
    }

    /// What a way begins with: its router, and the labels or the tunnel that lead to its next hop.
    private func leading(to way: LearntWay, _ asked: inout Set<IPAddress>) -> Transport? {
        if let router = router(of: way) { return Transport(router: router, labels: [], source: .connected) }
        guard way.interface == nil else { return nil }
        asked.insert(way.nextHop)
        return ways.first(to: way.nextHop) { entry in
            guard case .labelled(let outer) = entry.way else {
                guard isTunnelTaken(entry, by: way.nextHop) else { return nil }
                return try? tunnel(entry, to: way.nextHop).get()
            }
            return router(of: outer).map { Transport(router: $0, labels: outer.labels, source: entry.source) }
        }
    }

    /// Whether a PE takes MPLS over UDP, by the configuration or, where that asks for it, by its routes.
    private func isTunnelTaken(_ entry: KnownWays.Entry, by provider: IPAddress) -> Bool {
        guard case .udp(_, _, let isByCommunity) = entry.way else { return false }
        return !isByCommunity || offering.contains(provider)
    }

    /// MPLS over UDP to an address, by the router that the box's own packets to it go to.
    private func tunnel(
        _ entry: KnownWays.Entry, to destination: IPAddress
    ) -> Result<Transport, TransportObstacle> {
        guard case .udp(let source, let hasChecksum, _) = entry.way, let router = plan.neighbor(towards: destination),
            hasLink(router)
        else {
            return .failure(.unreachableNextHop(destination, entry.source))
        }
        let tunnel = UDPTunnel(source: source, destination: destination, hasChecksum: hasChecksum)
        return .success(Transport(router: router, labels: [], source: entry.source, tunnel: tunnel))
    }

    /// The one that is the next hop itself.
    private func router(of way: LearntWay) -> NeighborKey? {
        guard let interface = way.interface else { return plan.router(way.nextHop).flatMap { hasLink($0) ? $0 : nil } }
        let router = NeighborKey(interface: interface, address: way.nextHop)
        return interfaces.contains(interface) && hasLink(router) ? router : nil
    }

    private func hasLink(_ router: NeighborKey) -> Bool { !withoutLink.contains(router.interface) }

    // MARK: What has changed

    /// The PEs that are watched.
    package var watchedProviders: Set<IPAddress> { Set(watched.keys) }

    /// From now on a change of the transport to a PE is told.
    package func watch(_ provider: IPAddress) {
        if watched[provider] == nil { lookAgain(at: provider) }
    }

    /// Of other PEs nothing is told any more.
    package func watchOnly(_ providers: Set<IPAddress>) {
        for provider in watched.keys where !providers.contains(provider) {
            removeDependencies(of: provider)
            watched[provider] = nil
        }
    }

    /// Those of the watched PEs to which another transport leads, or none any more, since this was last called.
    ///
    /// It costs a look for each PE that a way leads to which has changed; a changed way to more than one address, one
    /// comparison for each PE besides.
    package func takeChanges() -> Set<IPAddress> {
        guard mayHaveChangedEverywhere || !changedPrefixes.isEmpty else { return [] }
        let touched = touchedProviders
        changedPrefixes = []
        mayHaveChangedEverywhere = false
        let changed = touched.filter(lookAgain)
        unreported.formUnion(changed)
        return changed
    }

    /// The PEs of which routing is to be told, since this was last called.
    package func takeUnreported() -> Set<IPAddress> {
        defer { unreported = [] }
        return unreported
    }

    private var touchedProviders: Set<IPAddress> {
        if mayHaveChangedEverywhere { return watchedProviders }
        var providers: Set<IPAddress> = []
        var lengths: Set<UInt8> = []
        for prefix in changedPrefixes {
            if Int(prefix.length) == prefix.family.bits {
                providers.formUnion(dependents[prefix.address] ?? [])
            } else {
                lengths.insert(prefix.length)
            }
        }
        guard !lengths.isEmpty else { return providers }
        for (address, depending) in dependents {
            for length in lengths {
                guard let prefix = IPPrefix(covering: address, length: Int(length)) else { continue }
                if changedPrefixes.contains(prefix) { providers.formUnion(depending) }
            }
        }
        return providers
    }

    /// `true`: what leads to the PE is something else than before.
    @discardableResult private func lookAgain(at provider: IPAddress) -> Bool {
        var asked: Set<IPAddress> = []
        let found = find(provider, &asked)
        let former = watched[provider]
        if former?.asked != asked {
            removeDependencies(of: provider)
            for address in asked { dependents[address, default: []].insert(provider) }
        }
        watched[provider] = Watched(found: found, asked: asked)
        return former?.found != found
    }

    private func removeDependencies(of provider: IPAddress) {
        for address in watched[provider]?.asked ?? [] {
            dependents[address]?.remove(provider)
            if dependents[address]?.isEmpty == true { dependents[address] = nil }
        }
    }
}
