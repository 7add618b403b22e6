import Addressing
import BGP

/// The box as a relay of labelled unicast between other operators' border routers and the own network (Option C, RFC 4364 §10 c):
/// the ways to PEs and reflectors. Each prefix has a label of its own for each neighbor that is told it, since what may stand under it
/// is a matter of the prefix.
///
/// Nothing is kept of routes but who has sent them. Beside those there are the PEs of the own network that the core knows a transport
/// to by other means: what is told of them lasts as long as that.
final class LabelledRelay: RelayLabels {
    private let context: RoutingContext
    let neighbors: RoutingNeighbors
    private let nextHops: RouteNextHops
    private var senders = RouteSenders()
    private var demand = RelayLabelDemand()
    private var tables: [PeerAddress: RelayedRoutes] = [:]
    private var receivers: [NeighborState] = []
    /// The PEs to which the core's other sources than labelled unicast know a way.
    private var known: Set<IPAddress> = []
    /// Those that lists of Option C neighbors name one by one.
    private var named: Set<IPAddress> = []

    init(_ context: RoutingContext, _ neighbors: RoutingNeighbors, _ nextHops: RouteNextHops) {
        self.context = context
        self.neighbors = neighbors
        self.nextHops = nextHops
    }

    // MARK: What is known

    /// A route of `neighbor` has come, is another or is gone.
    func follow(_ nlri: NLRI, of neighbor: NeighborState) {
        guard isSender(neighbor, of: nlri), let family = nlri.sessionFamily else { return }
        if neighbor.received[family].routes[nlri] != nil {
            senders.insert(nlri, of: neighbor)
        } else {
            _ = senders.remove(nlri, of: neighbor)
        }
        decide(nlri)
    }

    /// The next hop of a neighbor's route has come or gone.
    func followNextHop(_ nlri: NLRI, of neighbor: NeighborState) {
        if isSender(neighbor, of: nlri) { decide(nlri) }
    }

    private func isSender(_ neighbor: NeighborState, of nlri: NLRI) -> Bool {
        guard !receivers.isEmpty, let family = nlri.sessionFamily, family.isLabeledUnicast else { return false }
        return neighbor.role(in: family) == .optionC || neighbor.role(in: family) == .transport
    }

    /// The core's other sources know ways to these PEs from now on, and to no others.
    func setKnown(_ providers: Set<IPAddress>) {
        let changed = known.symmetricDifference(providers)
        known = providers
        for provider in changed.sorted() { decide(Self.nlri(of: provider)) }
    }

    /// Transports to PEs have come or gone.
    func followTransports(to providers: Set<IPAddress>) {
        guard !receivers.isEmpty else { return }
        for provider in providers.sorted() { decide(Self.nlri(of: provider)) }
        // Those of prefixes lead by their next hops.
        for nlri in senders.all.sorted() where Self.host(nlri) == nil {
            let isConcerned = senders.senders(of: nlri).contains { sender in
                sender.isInternal
                    && sender.received.table(of: nlri)?.routes[nlri]?.usedAttributes.nextHop.map {
                        providers.contains($0.resolvedAddress)
                    } == true
            }
            if isConcerned { decide(nlri) }
        }
    }

    /// The PEs whose transports are followed.
    var providers: Set<IPAddress> {
        guard !receivers.isEmpty else { return [] }
        return known.union(named).union(senders.all.compactMap(Self.host))
    }

    private static func nlri(of provider: IPAddress) -> NLRI { .labeledUnicast(IPPrefix(host: provider)) }

    /// The address that a route is of; `nil`: it is of a prefix.
    private static func host(_ nlri: NLRI) -> IPAddress? {
        let prefix = nlri.prefix
        return Int(prefix.length) == prefix.family.bits ? prefix.address : nil
    }

    // MARK: What goes on

    private func choice(_ nlri: NLRI, _ family: SessionFamily, for neighbor: NeighborState) -> WayChoice? {
        let prefix = nlri.prefix
        // What is ours is told by ourselves (``LoopbackAdvertising``), and to nobody else.
        guard !context.inputs.loopbacks.contains(prefix) else { return nil }
        let host = Self.host(nlri)
        // 1. A PE of the own network, whatever another operator says of it.
        if let host, known.contains(host) || named.contains(host), nextHops.state(of: host) != .unreachable,
            !senders.senders(of: nlri).contains(where: \.isInternal)
        {
            return OptionCRole.stack(ofOwn: prefix, family, for: neighbor).map {
                WayChoice(ofOwn: host, under: $0)
            }
        }
        // 2. What neighbors say.
        guard let path = best(nlri), let stack = OptionCRole.stack(of: path, to: prefix, family, for: neighbor),
            let choice = WayChoice(path, nlri, host, under: stack)
        else { return nil }
        return choice
    }

    private func best(_ nlri: NLRI) -> Path? {
        senders.best(nlri) { [nextHops] route, neighbor in
            guard neighbor.isInternal, let host = Self.host(nlri) else {
                return nextHops.state(of: route, from: neighbor)
            }
            return nextHops.state(of: host)
        }
    }

    private func decide(_ nlri: NLRI) {
        for receiver in receivers { decide(nlri, for: receiver) }
    }

    private func decide(_ nlri: NLRI, for neighbor: NeighborState) {
        guard case .labeledUnicast(let prefix) = nlri, let family = nlri.sessionFamily,
            let table = table(for: neighbor, family)
        else { return }
        let former = table.sources[nlri]
        guard let choice = choice(nlri, family, for: neighbor) else {
            // What a process before this one told may come back: until the first convergence is over nothing is given up.
            guard context.isConverged || former == nil else { return }
            if let former { release(former, of: nlri, in: table, isGone: !leadsAnywhere(nlri)) }
            return neighbor.enqueueIfSent(nlri)
        }
        let source = former ?? RelaySource(.labelledPrefix(prefix), choice.target)
        if former == nil {
            if table.set(source, for: nlri) { demand.noteWanted(source.target, table.owner(of: source)) }
        } else if source.target != choice.target {
            // Make before break: the label stays, and its way changes by one store.
            source.redirect(to: choice.target)
            demand.noteWanted(choice.target, table.owner(of: source))
        }
        if table.isReady(nlri, source) { neighbor.enqueue(nlri, like: choice.path?.attributes) }
    }

    /// Whether packets to it would get anywhere: where they would not, nobody may use the labels that are said to lead there.
    private func leadsAnywhere(_ nlri: NLRI) -> Bool {
        if let host = Self.host(nlri), known.contains(host) || named.contains(host) {
            return nextHops.state(of: host) != .unreachable
        }
        return best(nlri).map { $0.nextHop != .unreachable } ?? false
    }

    private func release(_ source: RelaySource, of nlri: NLRI, in table: RelayedRoutes, isGone: Bool) {
        let owner = table.owner(of: source)
        guard table.remove(source, of: nlri) else { return }
        demand.noteUnwanted(owner)
        if isGone { demand.noteGone(owner) }
    }

    /// What `neighbor` is to have of a prefix; `nil` if nothing, or nothing as yet.
    func announcement(of nlri: NLRI, to neighbor: NeighborState) -> AdjRIBOut.Route? {
        guard let table = tables[neighbor.peer], let label = table.label(of: nlri), let family = nlri.sessionFamily,
            neighbor.exchanges(family), let choice = choice(nlri, family, for: neighbor)
        else { return nil }
        var own = Export(vrf: nil, label: label, path: choice.path, isRelayed: true)
        if choice.path == nil { own.changedAttributes = TransportRole.ownAttributes }
        let export = own.applying(neighbor.exportPolicy(in: family), to: nlri.prefix, for: neighbor)
        guard let export,
            let attributes = OptionCRole.attributes(
                of: export, family, to: neighbor, autonomousSystem: context.inputs.autonomousSystem)
        else { return nil }
        return AdjRIBOut.Route(attributes: attributes, label: label, isOwnLabel: true)
    }

    /// Whether a route is to be given as soon as there is a label for it: what the neighbor has stays until then.
    func isWaiting(_ nlri: NLRI, for neighbor: NeighborState) -> Bool {
        guard let table = tables[neighbor.peer], let family = nlri.sessionFamily, table.sources[nlri] != nil else {
            return false
        }
        return table.isWaiting(nlri) && choice(nlri, family, for: neighbor) != nil
    }

    // MARK: Neighbors that are given routes

    /// The routes of a neighbor that holds labels; `nil` for one that is given nothing in the family.
    private func table(for neighbor: NeighborState, _ family: SessionFamily) -> RelayedRoutes? {
        guard neighbor.role(in: family) != nil, neighbor.holdsLabels(now: context.now),
            neighbor.session.map({ $0.families.contains(family) }) ?? true, let identity = neighbor.inputs.identity
        else { return nil }
        if let known = tables[neighbor.peer], known.identity == identity { return known }
        forget(neighbor.peer, isGone: true)
        let new = RelayedRoutes(identity)
        tables[neighbor.peer] = new
        return new
    }

    /// The inputs are others, and the neighbors follow them already.
    func configure(_ old: RoutingInputs) {
        let relaying = context.inputs.relayingLabelled
        guard relaying != old.relayingLabelled || old.loopbacks != context.inputs.loopbacks else { return }
        receivers = neighbors.inOrder.filter { relaying[$0.peer] != nil }
        named = Set(
            relaying.values.flatMap { neighbor in
                neighbor.families.values.filter { $0.role == .optionC }.flatMap { $0.exportFilter?.namedHosts ?? [] }
            })
        for (peer, table) in tables.sorted(by: { $0.key < $1.key }) {
            let isAnother = neighbors[peer]?.inputs.identity != table.identity
            // One that is given nothing any more uses its labels until it has read that.
            if isAnother || relaying[peer] == nil { forget(peer, isGone: isAnother) }
        }
        senders.removeAll()
        for neighbor in receivers {
            for family in SessionFamily.allCases where family.isLabeledUnicast {
                for nlri in neighbor.received[family].routes.keys where isSender(neighbor, of: nlri) {
                    senders.insert(nlri, of: neighbor)
                }
            }
        }
        for receiver in receivers { enqueueRoutes(for: receiver) }
    }

    /// The first convergence is over: what leads nowhere is given up.
    func endConvergence() {
        for receiver in receivers { enqueueRoutes(for: receiver) }
    }

    /// Decides on all routes that `neighbor` has or is to have.
    func enqueueRoutes(for neighbor: NeighborState) {
        guard receivers.contains(where: { $0 === neighbor }) else { return }
        let told = tables[neighbor.peer].map { Array($0.sources.keys) } ?? []
        for nlri in told where nlri.sessionFamily.map({ table(for: neighbor, $0) == nil }) ?? false {
            // A family that it does not carry any more.
            guard let table = tables[neighbor.peer], let source = table.sources[nlri] else { continue }
            release(source, of: nlri, in: table, isGone: false)
        }
        let all = Set(told).union(senders.all).union(known.union(named).map(Self.nlri))
        for nlri in all.sorted() { decide(nlri, for: neighbor) }
    }

    // MARK: Labels

    func takeLabelChanges() -> [(owner: LabelOwner, change: RelayLabelDemand.Change)] { demand.take() }

    func table(of peer: PeerAddress) -> RelayedRoutes? { tables[peer] }

    func source(of owner: LabelOwner, in table: RelayedRoutes) -> RelaySource? {
        guard case .labelledPrefix(let prefix) = owner.subject else { return nil }
        return table.sources[.labeledUnicast(prefix)]
    }

    func attributes(of nlri: NLRI) -> PathAttributes? { best(nlri)?.attributes }

    func forget(_ peer: PeerAddress, isGone: Bool) {
        guard let table = tables.removeValue(forKey: peer) else { return }
        for (nlri, source) in table.sources { release(source, of: nlri, in: table, isGone: isGone) }
    }
}
