import Addressing
import BGP

/// What the routes of VRFs call for labels with whose mode is not *per VRF*: for each neighbor that is given them the source that
/// each route has, a next hop or the route itself. As for relayed routes, a route whose source is new to a neighbor waits for the
/// label and stays as it was sent until then. Which sources there are is for ``RouteAdvertising`` to say, that knows what is given.
final class VRFLabelSources: RelayLabels {
    let neighbors: RoutingNeighbors
    private let vrfs: VRFTables
    private var tables: [PeerAddress: RelayedRoutes] = [:]
    /// The sources that routes have in common.
    private var shared: [LabelSubject: RelaySource] = [:]
    private var demand = RelayLabelDemand()
    /// Labels that are swapped and on their way out, by what they mean, and where they lead: for who has not read that.
    private var leaving: [LabelSubject: [LabelOwner: SwapTarget]] = [:]

    init(_ neighbors: RoutingNeighbors, _ vrfs: VRFTables) {
        self.neighbors = neighbors
        self.vrfs = vrfs
    }

    // MARK: What routes have

    /// Whether the neighbor is given a route by such a label, or is to be.
    func isConcerned(_ neighbor: NeighborState) -> Bool { tables[neighbor.peer] != nil }

    /// The neighbor's routes that have such a source.
    func routes(of neighbor: NeighborState) -> [NLRI] { tables[neighbor.peer].map { Array($0.sources.keys) } ?? [] }

    /// What the label is about that a route calls for.
    func subject(of nlri: NLRI, to neighbor: NeighborState) -> LabelSubject? {
        tables[neighbor.peer]?.sources[nlri]?.subject
    }

    /// The label by which a route may be given for a subject.
    func label(of nlri: NLRI, for subject: LabelSubject, to neighbor: NeighborState) -> MPLSLabel? {
        guard let table = tables[neighbor.peer], table.sources[nlri]?.subject == subject else { return nil }
        return table.label(of: nlri)
    }

    /// Whether a route is to be given as soon as its label is valid.
    func isWaiting(_ nlri: NLRI, for subject: LabelSubject, to neighbor: NeighborState) -> Bool {
        guard let table = tables[neighbor.peer], table.sources[nlri]?.subject == subject else { return false }
        return table.isWaiting(nlri)
    }

    /// A route is to be given by a label of the subject that leads to the target.
    func set(
        _ subject: LabelSubject, _ target: LabelTarget, for nlri: NLRI, to neighbor: NeighborState, of vrf: VRFState
    ) {
        guard let table = table(for: neighbor) else { return }
        let former = table.sources[nlri]
        if let former, former.subject == subject {
            redirect(nlri, to: target, at: neighbor)
            // It may have lost its label while the neighbor was away.
            _ = table.isReady(nlri, former)
            return
        }
        let source = source(subject, target)
        leave(table.owner(of: source), nil)
        if table.set(source, for: nlri) { demand.noteWanted(target, table.owner(of: source)) }
        if let former { release(former, of: nlri, in: table, vrf) }
        _ = table.isReady(nlri, source)
    }

    /// Where the label leads that a route calls for.
    func target(of nlri: NLRI, to neighbor: NeighborState) -> LabelTarget? {
        tables[neighbor.peer]?.sources[nlri]?.target
    }

    /// The neighbor is away for a restart, and a route leads elsewhere, or nowhere: its label goes on to be used.
    ///
    /// - Returns: `false` for one whose LSP ends, since what stands under that is known to a customer carrier's routers alone.
    func follow(_ nlri: NLRI, to target: LabelTarget?, at neighbor: NeighborState) -> Bool {
        guard let source = tables[neighbor.peer]?.sources[nlri] else { return true }
        guard let target, target.isSwap || !source.target.isSwap else { return false }
        redirect(nlri, to: target, at: neighbor)
        return true
    }

    /// The source of a route leads elsewhere: that of its own, since one of a next hop is another then.
    func redirect(_ nlri: NLRI, to target: LabelTarget, at neighbor: NeighborState) {
        guard let table = tables[neighbor.peer], let source = table.sources[nlri], source.target != target,
            source.subject.isOfPrefix
        else { return }
        source.redirect(to: target)
        demand.noteWanted(target, table.owner(of: source))
    }

    /// A route is not given any more, or by the label of its VRF.
    ///
    /// - Parameter vrf: `nil`: it is gone.
    func remove(_ nlri: NLRI, at neighbor: NeighborState, of vrf: VRFState?) {
        guard let table = tables[neighbor.peer], let source = table.sources[nlri] else { return }
        release(source, of: nlri, in: table, vrf)
        if table.sources.isEmpty { tables[neighbor.peer] = nil }
    }

    /// What a neighbor was told does not count any more.
    func forget(_ peer: PeerAddress, _: RelayLabelDemand.End) {
        for owners in leaving.values {
            for owner in owners.keys where owner.neighbor.peer == peer { leave(owner, nil) }
        }
        guard let table = tables.removeValue(forKey: peer) else { return }
        for (nlri, source) in table.sources { release(source, of: nlri, in: table, nil) }
    }

    // MARK: What is on its way out

    /// The label leads there until its end has been read; with `nil` it is wanted again, or is over.
    private func leave(_ owner: LabelOwner, _ target: SwapTarget?) {
        guard target != nil || leaving[owner.subject] != nil else { return }
        leaving[owner.subject, default: [:]][owner] = target
        if leaving[owner.subject]?.isEmpty == true { leaving[owner.subject] = nil }
    }

    /// The label is not valid any more.
    func noteRemoved(_ owner: LabelOwner) { leave(owner, nil) }

    /// What a prefix of the VRF may be used by has changed: a label that is on its way out leads nowhere that is not there, since what
    /// the next hop does with the label behind it is not known then.
    func followLeaving(_ prefix: IPPrefix, of vrf: VRFState) {
        guard !leaving.isEmpty else { return }
        let nlri = NLRI.vpn(VPNPrefix(routeDistinguisher: vrf.inputs.routeDistinguisher, prefix: prefix))
        let identity = vrf.inputs.identity
        for subject in [LabelSubject.prefix(identity, prefix), .circuitPrefix(identity, prefix)] {
            for (owner, target) in leaving[subject] ?? [:] where !isThere(.swap(target), nlri, vrf) {
                demand.noteGone(owner)
                leave(owner, nil)
            }
        }
    }

    private func table(for neighbor: NeighborState) -> RelayedRoutes? {
        guard let identity = neighbor.inputs.identity else { return nil }
        if let known = tables[neighbor.peer] {
            if known.identity == identity { return known }
            forget(neighbor.peer, .gone)
        }
        let new = RelayedRoutes(identity)
        tables[neighbor.peer] = new
        return new
    }

    private func source(_ subject: LabelSubject, _ target: LabelTarget) -> RelaySource {
        guard case .nextHop = subject else { return RelaySource(subject, target) }
        if let known = shared[subject] { return known }
        let new = RelaySource(subject, target)
        shared[subject] = new
        return new
    }

    private func release(_ source: RelaySource, of nlri: NLRI, in table: RelayedRoutes, _ vrf: VRFState?) {
        if table.remove(source, of: nlri) {
            let owner = table.owner(of: source)
            // What a route still has beside its best goes on to be used by who has not heard of that. What stands under a customer
            // carrier's label only its routers know: it is looked up nowhere, and leads nowhere that nobody follows.
            let isThere = isThere(source.target, nlri, vrf)
            if source.target.isSwap {
                demand.noteUnwanted(owner, isThere ? .refused : .gone)
                if isThere, case .swap(let target) = source.target { leave(owner, target) }
            } else {
                demand.noteUnwanted(owner, .superseded)
                if source.target != .lookup, !isThere { demand.noteDead(owner) }
            }
        }
        if source.uses == 0, shared[source.subject] === source { shared[source.subject] = nil }
    }

    /// Whether any route of the VRF to the prefix leads there that may be used, the best or another.
    private func isThere(_ target: LabelTarget, _ nlri: NLRI, _ vrf: VRFState?) -> Bool {
        guard let vrf else { return false }
        let prefix = nlri.prefix
        if case .swap(let target) = target {
            guard let paths = vrf.paths[prefix] else { return false }
            for path in paths.all where path.nextHop != .unreachable && vrf.circuitTarget(of: path) == target {
                return true
            }
            return false
        }
        guard case .way(let way) = target else { return false }
        if let local = vrf.locals[prefix], local.action == way.action { return true }
        guard let paths = vrf.paths[prefix] else { return false }
        for path in paths.all where path.nextHop != .unreachable {
            if path.action == way.action { return true }
        }
        return false
    }

    // MARK: Labels

    /// What has changed of the labels that are called for.
    func takeLabelChanges() -> [(owner: LabelOwner, change: RelayLabelDemand.Change)] { demand.take() }

    func table(of peer: PeerAddress) -> RelayedRoutes? { tables[peer] }

    func source(of owner: LabelOwner, in table: RelayedRoutes) -> RelaySource? {
        switch owner.subject {
        case .vrf, .vrfOnCircuit, .common, .relayed, .relayedPrefix, .labelledPrefix, .relayedService, .segment:
            return nil
        case .nextHop: return shared[owner.subject]
        case .circuitPrefix(_, let prefix):
            guard let source = table.sources[.labeledUnicast(prefix)], source.subject == owner.subject else {
                return nil
            }
            return source
        case .prefix(let vrf, let prefix):
            let nlri = NLRI.vpn(VPNPrefix(routeDistinguisher: vrf.routeDistinguisher, prefix: prefix))
            guard let source = table.sources[nlri], source.subject == owner.subject else { return nil }
            return source
        }
    }

    func attributes(of nlri: NLRI) -> PathAttributes? {
        guard case .vpn(let vpnPrefix) = nlri, let vrf = vrfs.exporter(of: vpnPrefix.routeDistinguisher) else {
            return nil
        }
        let prefix = nlri.prefix
        return vrf.learntAttributes(of: prefix)
    }
}

extension LabelSubject {
    /// Whether it is about one route of a VRF, wherever that leads.
    fileprivate var isOfPrefix: Bool {
        switch self {
        case .prefix, .circuitPrefix: true
        case .vrf, .vrfOnCircuit, .common, .relayed, .relayedPrefix, .labelledPrefix, .relayedService, .nextHop,
            .segment:
            false
        }
    }
}
