import Addressing
import BGP

/// Follows what PEs of the own network say of labels in MVPN and EVPN routes, and has the tables that such labels belong in (RFC 9573
/// §4.2). Of a route that several neighbors sent the best one counts, as for a PE.
///
/// What is placed is the same whatever order the routes came in, but for those of a PE that has more labels than it may: they wait, and are
/// placed as others of it go.
final class LabelPlacement {
    /// So many PEs may have tables, or say labels at all.
    static let providerLimit = 4096
    /// For so many next hops may one router speak: one that invents them takes the place of no other.
    static let nextHopLimit = 16

    /// A route as it has been placed.
    private struct Placed {
        let attributes: PathAttributes
        let originator: IPv4Address
    }

    private let context: RoutingContext
    private var senders = RouteSenders()
    private var placed: [NLRI: Placed] = [:]
    private(set) var providers: [LabelAssigner: ProviderLabels] = [:]
    /// For how many next hops each router speaks.
    private var nextHops: [IPv4Address: Int] = [:]
    private(set) var spaces = LabelSpaces()
    private var waiting = LabelsWithoutRoom()
    /// The PE of which a route has gone since room was last looked for.
    private var freed: LabelAssigner?
    /// The PEs that a route is about to change, with the spaces of their broadcast domains before.
    private var touched: [(provider: ProviderLabels, domains: Set<PlacedLabel.Space>)] = []
    private var block: ClosedRange<UInt32>?

    init(_ context: RoutingContext) { self.context = context }

    /// How many routes say labels that are not looked at since their PE has all that it may.
    var waitingCount: Int { waiting.count }

    /// A route of `neighbor` has come, is another or is gone.
    func follow(_ nlri: NLRI, of neighbor: NeighborState) {
        guard nlri.announcesTunnel || nlri.announcesSegment else { return }
        if neighbor.isInternal, neighbor.received.table(of: nlri)?.routes[nlri] != nil {
            senders.insert(nlri, of: neighbor)
        } else {
            guard senders.remove(nlri, of: neighbor) else { return }
        }
        settle(nlri)
        admitWaiting()
    }

    /// The inputs are others: with another common block other labels are of it.
    func configure() {
        guard context.inputs.commonBlock != block else { return }
        block = context.inputs.commonBlock
        placed = [:]
        providers = [:]
        nextHops = [:]
        spaces = LabelSpaces()
        waiting = LabelsWithoutRoom()
        for nlri in senders.all { settle(nlri) }
    }

    private func settle(_ nlri: NLRI) {
        let best = senders.best(nlri) { _, _ in .resolved }
        if let former = placed[nlri] {
            if let best, best.originator == former.originator, saysTheSame(nlri, best.attributes, former.attributes) {
                placed[nlri] = Placed(attributes: best.attributes, originator: best.originator)
                return
            }
            remove(nlri, former)
        }
        waiting.remove(nlri)
        if let best { place(nlri, best) }
        followTouched()
    }

    /// Whether attributes say the same of labels.
    private func saysTheSame(_ nlri: NLRI, _ a: PathAttributes, _ b: PathAttributes) -> Bool {
        a == b
            || (SaidLabels(nlri, a, block: block) == SaidLabels(nlri, b, block: block)
                && SaidSegment(nlri, a, block: block) == SaidSegment(nlri, b, block: block))
    }

    private func remove(_ nlri: NLRI, _ former: Placed) {
        placed[nlri] = nil
        if let said = SaidLabels(nlri, former.attributes, block: block),
            let provider = providers[LabelAssigner(address: said.provider, originator: former.originator)]
        {
            touch(provider)
            provider.remove(said, from: &spaces)
            freed = provider.address
        } else if let said = SaidSegment(nlri, former.attributes, block: block),
            let provider = providers[LabelAssigner(address: said.provider, originator: former.originator)]
        {
            touch(provider)
            provider.removeSegment(nlri, from: &spaces)
            freed = provider.address
        }
    }

    private func place(_ nlri: NLRI, _ path: Path) {
        if let said = SaidLabels(nlri, path.attributes, block: block) {
            let address = LabelAssigner(address: said.provider, originator: path.originator)
            guard let provider = provider(address), provider.hasRoom(for: said.labels.count) else {
                return wait(nlri, for: address, path)
            }
            touch(provider)
            placed[nlri] = Placed(attributes: path.attributes, originator: path.originator)
            let isConsistent = provider.add(said, to: &spaces)
            if let fault = said.fault { count(fault, nlri, from: path.neighbor) }
            if !isConsistent { count(.inconsistentTunnel, nlri, from: path.neighbor) }
        } else if let said = SaidSegment(nlri, path.attributes, block: block) {
            let address = LabelAssigner(address: said.provider, originator: path.originator)
            guard let provider = provider(address), provider.hasRoomForSegment else {
                return wait(nlri, for: address, path)
            }
            touch(provider)
            placed[nlri] = Placed(attributes: path.attributes, originator: path.originator)
            provider.add(said, of: nlri)
            settleSegments(nlri, of: provider)
        }
    }

    /// The labels of a PE; `nil` where it may have none.
    private func provider(_ address: LabelAssigner) -> ProviderLabels? {
        if let provider = providers[address] { return provider }
        guard providers.count < Self.providerLimit, nextHops[address.originator, default: 0] < Self.nextHopLimit
        else { return nil }
        let provider = ProviderLabels(address)
        providers[address] = provider
        nextHops[address.originator, default: 0] += 1
        return provider
    }

    /// A PE's labels are about to change.
    private func touch(_ provider: ProviderLabels) {
        guard !touched.contains(where: { $0.provider === provider }) else { return }
        touched.append((provider, provider.hasSegments ? provider.domains : []))
    }

    /// Where broadcast domains have their labels elsewhere now, the segments' follow; a PE without any is forgotten.
    private func followTouched() {
        for (provider, domains) in touched {
            if provider.hasSegments, provider.domains != domains { settleSegments(nil, of: provider) }
            guard provider.isEmpty, providers.removeValue(forKey: provider.address) != nil else { continue }
            let count = nextHops[provider.address.originator, default: 0] - 1
            nextHops[provider.address.originator] = count > 0 ? count : nil
        }
        touched = []
    }

    private func settleSegments(_ nlri: NLRI?, of provider: ProviderLabels) {
        for (nlri, fault) in provider.settleSegments(nlri, in: &spaces).sorted(by: { $0.nlri < $1.nlri }) {
            guard let neighbor = senders.senders(of: nlri).first else { continue }
            count(fault, nlri, from: neighbor)
        }
    }

    private func count(_ reason: RouteRejection, _ nlri: NLRI, from neighbor: NeighborState) {
        guard let table = neighbor.received.table(of: nlri) else { return }
        context.count(reason, nlri, from: neighbor, in: table)
    }

    // MARK: Routes that wait

    private func wait(_ nlri: NLRI, for provider: LabelAssigner, _ path: Path) {
        count(.labelSpacesFull, nlri, from: path.neighbor)
        let hasTable = providers[provider] != nil
        // What a router says for too many next hops waits for nothing: others' turn would be behind it.
        guard hasTable || nextHops[provider.originator, default: 0] < Self.nextHopLimit else { return }
        waiting.insert(nlri, of: provider, hasTable: hasTable)
    }

    /// Places routes that have waited, as far as there is room now: those of the PE of which one has gone, and those of PEs that have
    /// had no table, as long as there is one.
    private func admitWaiting() {
        guard let freed else { return }
        self.freed = nil
        guard waiting.count > 0 else { return }
        if providers[freed] != nil { admitWaiting(of: freed) }
        while providers.count < Self.providerLimit, let next = waiting.anyWithoutTable { admitWaiting(of: next) }
    }

    private func admitWaiting(of provider: LabelAssigner) {
        waiting.admit(provider)
        while let nlri = waiting.popFirst(of: provider) {
            guard let best = senders.best(nlri, nextHop: { _, _ in .resolved }) else { continue }
            place(nlri, best)
            followTouched()
            if placed[nlri] == nil { return }
        }
    }
}
