import Addressing
import BGP

/// Follows what PEs of the own network say of labels in MVPN and EVPN routes, and has the tables that such labels belong in (RFC 9573
/// §4.2). Of a route that several neighbors sent the best one counts, as for a PE.
///
/// What is placed is the same whatever order the routes came in, but for those of a router that has more labels than it may: they wait, and
/// are placed as others of it go. What does not depend on one route alone is done in portions: ``goOn(limit:)``.
final class LabelPlacement {
    /// A route as it has been looked at.
    struct Placed {
        let attributes: PathAttributes
        /// Who has sent it.
        let neighbor: NeighborState
        let originator: IPv4Address
        /// By which common block.
        let block: CommonBlocks.Number
        /// There is no room for its labels.
        let waits: Bool
    }

    let context: RoutingContext
    private let limits: ReceivedLabelLimits
    private let isFollowing: Bool
    private(set) var senders = RouteSenders()
    private(set) var placed: [NLRI: Placed] = [:]
    private(set) var routers: [IPv4Address: RouterLabels] = [:]
    private(set) var spaces = LabelSpaces()
    /// What is provisioned here, as far as the tables may contradict it.
    private(set) var provisioned = LabelSpaces()
    private(set) var waiting = WaitingRouters()
    private(set) var blocks = CommonBlocks()
    var work = PlacementWork()
    /// How often routes of a tunnel have come to agree again.
    private var agreements = RejectionCount()
    /// The routers that a route has changed something of, and whether there is more room for others of its routes.
    private var touched: [(router: RouterLabels, hasMoreRoom: Bool)] = []

    /// - Parameter limits: `nil`: nothing is followed.
    init(_ context: RoutingContext, _ limits: ReceivedLabelLimits?) {
        self.context = context
        self.limits = limits ?? ReceivedLabelLimits()
        isFollowing = limits != nil
    }

    /// A route of `neighbor` has come, is another or is gone.
    func follow(_ nlri: NLRI, of neighbor: NeighborState) {
        guard isFollowing, nlri.announcesTunnel || nlri.announcesSegment else { return }
        if neighbor.isInternal, neighbor.received.table(of: nlri)?.routes[nlri] != nil {
            senders.insert(nlri, of: neighbor)
        } else {
            guard senders.remove(nlri, of: neighbor) else { return }
        }
        settle(nlri)
        goOnAtOnce()
    }

    /// The inputs are others: with another common block other labels are of it.
    func configure() {
        provisioned = LabelSpaces(provisionedBy: context.inputs)
        guard context.inputs.commonBlock != blocks.now else { return }
        blocks.begin(context.inputs.commonBlock)
        work.sweep(senders.all)
        goOnAtOnce()
    }

    /// The best of a route that there is.
    func best(_ nlri: NLRI) -> Path? { senders.best(nlri) { _, _ in .resolved } }

    /// Places a route by what is there of it now.
    /// - Parameter isAnew: also if it says the same as before.
    func settle(_ nlri: NLRI, anew isAnew: Bool = false) {
        let best = best(nlri)
        let former = placed[nlri]
        let said = best.flatMap { Said(nlri, $0.attributes, block: blocks.now) }
        let formerlySaid = former.flatMap { Said(nlri, $0.attributes, block: blocks[$0.block]) }
        if !isAnew, let best, let former, best.originator == former.originator, said == formerlySaid {
            placed[nlri] = Placed(
                attributes: best.attributes, neighbor: best.neighbor, originator: best.originator,
                block: blocks.current, waits: former.waits)
            return
        }
        let formerFault = former != nil || waiting.count > 0 ? fault(of: nlri) : nil
        let wasInconsistent = isInconsistent(said?.tunnel, of: best?.originator)
        let wasFormerInconsistent = isInconsistent(formerlySaid?.tunnel, of: former?.originator)
        waiting.remove(nlri)
        if let former, let formerlySaid { remove(nlri, former, formerlySaid) }
        if let best, let said { place(nlri, best, said) }
        if let best {
            count(
                nlri, from: best.neighbor, unless: formerFault,
                hasBegunToDisagree: !wasInconsistent && isInconsistent(said?.tunnel, of: best.originator))
        }
        if wasFormerInconsistent, !isInconsistent(formerlySaid?.tunnel, of: former?.originator) {
            logAgreement(formerlySaid?.tunnel, of: former?.originator)
        }
        followTouched()
    }

    private func remove(_ nlri: NLRI, _ former: Placed, _ said: Said) {
        placed[nlri] = nil
        guard let router = routers[former.originator] else { return }
        router.waiting.remove(nlri)
        touched.append((router, !former.waits))
        switch said {
        case .tunnel(let said): router.remove(said, hadRoom: !former.waits, from: &spaces)
        case .segment: router.removeSegment(nlri, from: &spaces)
        }
    }

    private func place(_ nlri: NLRI, _ path: Path, _ said: Said) {
        guard let router = router(path.originator) else { return waiting.insert(nlri, of: path.originator) }
        touched.append((router, false))
        let hasRoom: Bool
        switch said {
        case .tunnel(let said):
            hasRoom = router.hasRoom(for: said)
            router.add(said, hasRoom: hasRoom, to: &spaces)
        case .segment(let said):
            hasRoom = router.hasRoomForSegment
            if hasRoom { router.settle(said, of: nlri, in: &spaces) }
        }
        if !hasRoom { router.waiting.append(nlri) }
        placed[nlri] = Placed(
            attributes: path.attributes, neighbor: path.neighbor, originator: path.originator, block: blocks.current,
            waits: !hasRoom)
    }

    /// The labels of a router; `nil` where it may have none.
    private func router(_ originator: IPv4Address) -> RouterLabels? {
        if let router = routers[originator] { return router }
        guard routers.count < limits.routers else { return nil }
        let router = RouterLabels(originator, limits)
        routers[originator] = router
        return router
    }

    /// A segment's label goes where those of its broadcast domains are now.
    func settleSegment(_ nlri: NLRI) {
        guard let placed = placed[nlri], !placed.waits, let router = routers[placed.originator],
            case .segment(let said)? = Said(nlri, placed.attributes, block: blocks[placed.block])
        else { return }
        let formerFault = fault(of: nlri)
        router.settle(said, of: nlri, in: &spaces)
        count(nlri, from: placed.neighbor, unless: formerFault)
    }

    // MARK: Afterwards

    /// Where broadcast domains have their labels elsewhere now, the segments' are to follow; what waits may have its turn, and a router
    /// without any is forgotten.
    func followTouched() {
        for (router, hasMoreRoom) in touched {
            if router.takeDomainsChanged() { work.add(segments: router.segments.keys) }
            if router.isEmpty {
                routers[router.originator] = nil
            } else if hasMoreRoom, !router.waiting.isEmpty {
                work.admit(router.originator)
            }
        }
        touched.removeAll(keepingCapacity: true)
        admitRouters()
    }

    /// Whoever has waited for others to go has its turn.
    func admitRouters() {
        guard waiting.count > 0, !work.isSweeping else { return }
        for _ in routers.count..<max(limits.routers, routers.count) {
            guard let routes = waiting.takeFirst() else { return }
            work.sweep(routes)
        }
    }

    /// No route is placed by a former block any more.
    func forgetFormerBlocks() { blocks.forgetFormer() }

    private func isInconsistent(_ tunnel: TunnelKey?, of originator: IPv4Address?) -> Bool {
        guard let tunnel, let originator, let router = routers[originator] else { return false }
        return router.isInconsistent(tunnel)
    }

    /// Counts what is wrong with a route's labels, if that is new.
    private func count(
        _ nlri: NLRI, from neighbor: NeighborState, unless former: RouteRejection?, hasBegunToDisagree: Bool = false
    ) {
        guard let table = neighbor.received.table(of: nlri) else { return }
        if let fault = fault(of: nlri), fault != former, fault != .inconsistentTunnel {
            context.count(fault, nlri, from: neighbor, in: table)
        }
        if hasBegunToDisagree, former != .inconsistentTunnel {
            context.count(.inconsistentTunnel, nlri, from: neighbor, in: table)
        }
    }

    private func logAgreement(_ tunnel: TunnelKey?, of originator: IPv4Address?) {
        guard let tunnel, let originator, routers[originator]?.tunnels[tunnel] != nil,
            let count = agreements.add(now: context.now)
        else { return }
        context.log(.tunnelConsistent(provider: tunnel.owner, tree: tunnel.tree, count: count))
    }
}

extension LabelSpaces {
    /// The labels of VRFs, and those of the spaces that they are from (RFC 9573 §3).
    fileprivate init(provisionedBy inputs: RoutingInputs) {
        self.init()
        // Whose they are does not matter: none is of a PE's own space.
        let here = LabelAssigner(address: .ipv4(IPv4Address(rawValue: 0)), originator: IPv4Address(rawValue: 0))
        for vrf in inputs.vrfs.values {
            guard let label = vrf.commonLabel else { continue }
            guard let name = label.context else {
                add(PlacedLabel(label.label, .tunnel, in: .common), of: here)
                continue
            }
            add(PlacedLabel(name, .space, in: .common), of: here)
            add(PlacedLabel(label.label, .tunnel, in: .context(name)), of: here)
        }
    }
}
