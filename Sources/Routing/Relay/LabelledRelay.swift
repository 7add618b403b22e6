import Addressing
import BGP

/// The box as a relay of labelled unicast between other operators' border routers and the own network (Option C, RFC 4364 §10 c):
/// the ways to PEs and reflectors. Each prefix has a label of its own for each neighbor that is told it, since what may stand under it
/// is a matter of the prefix.
///
/// Nothing is kept of routes but who has sent them (``LabelledWays``). What is told of PEs of the own network lasts as long as a
/// transport leads there.
final class LabelledRelay: RelayLabels {
    private let context: RoutingContext
    let neighbors: RoutingNeighbors
    private var ways: LabelledWays
    private var demand = RelayLabelDemand()
    private var tables: [PeerAddress: RelayedRoutes] = [:]
    private var receivers: [NeighborState] = []

    init(_ context: RoutingContext, _ neighbors: RoutingNeighbors, _ nextHops: RouteNextHops) {
        self.context = context
        self.neighbors = neighbors
        ways = LabelledWays(nextHops)
    }

    // MARK: What is known

    /// A route of `neighbor` has come, is another or is gone.
    func follow(_ nlri: NLRI, of neighbor: NeighborState) {
        guard isSender(neighbor, of: nlri), let family = nlri.sessionFamily else { return }
        if neighbor.received[family].routes[nlri] != nil {
            ways.insert(nlri, of: neighbor)
        } else {
            ways.remove(nlri, of: neighbor)
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

    /// The configuration binds ways to these PEs, and a routing engine knows ways to those, from now on and to no others.
    func setKnown(bound: Set<IPAddress>, learnt: Set<IPAddress>) {
        for provider in ways.setKnown(bound: bound, learnt: learnt).sorted() { decide(LabelledWays.nlri(of: provider)) }
    }

    /// Transports to PEs have come or gone.
    func followTransports(to providers: Set<IPAddress>) {
        guard !receivers.isEmpty else { return }
        for provider in providers.sorted() { decide(LabelledWays.nlri(of: provider)) }
        // Those of prefixes lead by their next hops.
        for nlri in ways.senders.all.filter({ LabelledWays.host($0) == nil }).sorted() {
            let isConcerned = ways.senders.senders(of: nlri).contains { sender in
                sender.isInternal
                    && sender.received.table(of: nlri)?.routes[nlri]?.usedAttributes.nextHop.map {
                        providers.contains($0.resolvedAddress)
                    } == true
            }
            if isConcerned { decide(nlri) }
        }
    }

    /// The PEs whose transports are followed.
    var providers: Set<IPAddress> { receivers.isEmpty ? [] : ways.providers }

    // MARK: What goes on

    private func choice(_ nlri: NLRI, _ family: SessionFamily, for neighbor: NeighborState) -> WayChoice? {
        let prefix = nlri.prefix
        // What is ours is told by ourselves (``LoopbackAdvertising``), and to nobody else.
        guard !context.inputs.loopbacks.contains(prefix) else { return nil }
        let host = LabelledWays.host(nlri)
        // 1. A PE of the own network, whatever another operator says of it.
        if let host, ways.hasOwnPE(nlri) {
            return OptionCRole.stack(ofOwn: prefix, family, for: neighbor).map { WayChoice(ofOwn: host, under: $0) }
        }
        // 2. What neighbors say.
        guard let path = ways.best(nlri), let stack = OptionCRole.stack(of: path, to: prefix, family, for: neighbor)
        else { return nil }
        return WayChoice(path, nlri, host, under: stack)
    }

    private func decide(_ nlri: NLRI) {
        for receiver in receivers { decide(nlri, for: receiver) }
    }

    private func decide(_ nlri: NLRI, for neighbor: NeighborState) {
        guard case .labeledUnicast(let prefix) = nlri, let family = nlri.sessionFamily,
            let table = table(for: neighbor, family)
        else { return }
        let former = table.sources[nlri]
        let wanted = choice(nlri, family, for: neighbor)
        guard let choice = wanted, export(choice, .implicitNull, nlri, family, to: neighbor) != nil else {
            // What a process before this one told may come back: until the first convergence is over nothing is given up.
            guard context.isConverged || former == nil else { return }
            if let former { release(former, of: nlri, in: table, end(of: former, nlri, family, for: neighbor)) }
            return neighbor.enqueueIfSent(nlri)
        }
        let source = former ?? RelaySource(.labelledPrefix(prefix), .swap(choice.target))
        if former == nil {
            if table.set(source, for: nlri) { demand.noteWanted(source.target, table.owner(of: source)) }
        } else if source.target != .swap(choice.target) {
            // Make before break: the label stays, and its way changes by one store.
            source.redirect(to: .swap(choice.target))
            demand.noteWanted(.swap(choice.target), table.owner(of: source))
        }
        if table.isReady(nlri, source) { neighbor.enqueue(nlri, like: choice.path?.attributes) }
    }

    /// What becomes of the label of a prefix that a neighbor is given no longer: it goes on only by who may tell it of the prefix.
    private func end(
        of source: RelaySource, _ nlri: NLRI, _ family: SessionFamily, for neighbor: NeighborState
    ) -> RelayLabelDemand.End {
        guard ways.leads(source.target, nlri), case .swap(let target) = source.target else { return .gone }
        for sender in ways.senders.senders(of: nlri) {
            guard let route = sender.received[family].routes[nlri] else { continue }
            let path = Path(route, nlri, of: sender, nextHop: .resolved)
            guard let stack = OptionCRole.stack(of: path, to: nlri.prefix, family, for: neighbor) else { continue }
            guard let choice = WayChoice(path, nlri, LabelledWays.host(nlri), under: stack),
                choice.target.way == target.way
            else { continue }
            if export(choice, .implicitNull, nlri, family, to: neighbor) != nil { return .superseded }
        }
        return .refused
    }

    private func release(
        _ source: RelaySource, of nlri: NLRI, in table: RelayedRoutes, _ end: RelayLabelDemand.End
    ) {
        if table.remove(source, of: nlri) { demand.noteUnwanted(table.owner(of: source), end) }
    }

    /// What `neighbor` is to have of a prefix; `nil` if nothing, or nothing as yet.
    func announcement(of nlri: NLRI, to neighbor: NeighborState) -> AdjRIBOut.Route? {
        guard let table = tables[neighbor.peer], let label = table.label(of: nlri), let family = nlri.sessionFamily,
            neighbor.exchanges(family), let choice = choice(nlri, family, for: neighbor),
            // Many routes' next hops come and go in portions: what has changed and not been decided on is for ``decide``.
            table.sources[nlri]?.target == .swap(choice.target)
        else { return nil }
        guard let export = export(choice, GivenLabel(label), nlri, family, to: neighbor),
            let attributes = OptionCRole.attributes(
                of: export, family, to: neighbor, autonomousSystem: context.inputs.autonomousSystem)
        else { return nil }
        return AdjRIBOut.Route(attributes: attributes, label: GivenLabel(label), isOwnLabel: true)
    }

    /// What the neighbor's route map makes of a prefix; `nil`: it refuses it, and who is told by no route has no business with its
    /// label.
    private func export(
        _ choice: WayChoice, _ label: GivenLabel, _ nlri: NLRI, _ family: SessionFamily, to neighbor: NeighborState
    ) -> Export? {
        var export = Export(vrf: nil, label: label, path: choice.path, isRelayed: true)
        if choice.path == nil { export.changedAttributes = TransportRole.ownAttributes }
        return export.applying(neighbor.exportPolicy(in: family), to: nlri.prefix, for: neighbor)
    }

    /// Whether a route is to be given as soon as there is a label for it, or when it has been decided on: what the neighbor has
    /// stays until then.
    func isWaiting(_ nlri: NLRI, for neighbor: NeighborState) -> Bool {
        guard let table = tables[neighbor.peer], let family = nlri.sessionFamily, let source = table.sources[nlri],
            let choice = choice(nlri, family, for: neighbor)
        else { return false }
        return source.target != .swap(choice.target) || table.isWaiting(nlri)
    }

    // MARK: Neighbors that are given routes

    /// The routes of a neighbor that holds labels; `nil` for one that is given nothing in the family.
    private func table(for neighbor: NeighborState, _ family: SessionFamily) -> RelayedRoutes? {
        guard neighbor.role(in: family) != nil, neighbor.holdsLabels(now: context.now),
            neighbor.session.map({ $0.families.contains(family) }) ?? true, let identity = neighbor.inputs.identity
        else { return nil }
        if let known = tables[neighbor.peer], known.identity == identity { return known }
        forget(neighbor.peer, .gone)
        let new = RelayedRoutes(identity)
        tables[neighbor.peer] = new
        return new
    }

    /// The inputs are others, and the neighbors follow them already.
    func configure(_ old: RoutingInputs) {
        let relaying = context.inputs.relayingLabelled
        guard relaying != old.relayingLabelled || old.loopbacks != context.inputs.loopbacks else { return }
        receivers = neighbors.inOrder.filter { relaying[$0.peer] != nil }
        ways.setNamed(
            Set(
                relaying.values.flatMap { neighbor in
                    neighbor.families.values.filter { $0.role == .optionC }.flatMap {
                        $0.exportFilter?.namedHosts ?? []
                    }
                }))
        for (peer, table) in tables.sorted(by: { $0.key < $1.key }) {
            let isAnother = neighbors[peer]?.inputs.identity != table.identity
            // One that is given nothing any more uses its labels until it has read that, if it is there.
            if isAnother || relaying[peer] == nil { forget(peer, isAnother ? .gone : .refused) }
        }
        ways.removeSenders()
        for neighbor in receivers {
            for family in SessionFamily.allCases where family.isLabeledUnicast {
                for nlri in neighbor.received[family].routes.keys where isSender(neighbor, of: nlri) {
                    ways.insert(nlri, of: neighbor)
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
            release(source, of: nlri, in: table, .refused)
        }
        let all = Set(told).union(ways.senders.all).union(ways.known.map(LabelledWays.nlri))
        for nlri in all.sorted() { decide(nlri, for: neighbor) }
    }

    // MARK: Labels

    func takeLabelChanges() -> [(owner: LabelOwner, change: RelayLabelDemand.Change)] { demand.take() }

    func table(of peer: PeerAddress) -> RelayedRoutes? { tables[peer] }

    func source(of owner: LabelOwner, in table: RelayedRoutes) -> RelaySource? {
        guard case .labelledPrefix(let prefix) = owner.subject else { return nil }
        return table.sources[.labeledUnicast(prefix)]
    }

    func attributes(of nlri: NLRI) -> PathAttributes? { ways.best(nlri)?.attributes }

    func forget(_ peer: PeerAddress, _ end: RelayLabelDemand.End) {
        guard let table = tables.removeValue(forKey: peer) else { return }
        for (nlri, source) in table.sources { release(source, of: nlri, in: table, end) }
    }
}
