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

    private let context: RoutingContext
    private var senders = RouteSenders()
    /// The attributes with which each route has been placed.
    private var placed: [NLRI: PathAttributes] = [:]
    private(set) var providers: [IPAddress: ProviderLabels] = [:]
    private(set) var spaces = LabelSpaces()
    private var waiting = LabelsWithoutRoom()
    /// The PE of which a route has gone since room was last looked for.
    private var freed: IPAddress?
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
        spaces = LabelSpaces()
        waiting = LabelsWithoutRoom()
        for nlri in senders.all { settle(nlri) }
    }

    private func settle(_ nlri: NLRI) {
        let best = senders.best(nlri) { _, _ in .resolved }
        if let former = placed[nlri] {
            guard best?.attributes != former else { return }
            remove(nlri, former)
        }
        waiting.remove(nlri)
        if let best { place(nlri, best) }
    }

    private func remove(_ nlri: NLRI, _ attributes: PathAttributes) {
        placed[nlri] = nil
        if let said = SaidLabels(nlri, attributes, block: block), let provider = providers[said.provider] {
            freed = said.provider
            change(provider) { provider.remove(said, from: &spaces) }
        } else if let said = SaidSegment(nlri, attributes, block: block), let provider = providers[said.provider] {
            freed = said.provider
            provider.removeSegment(nlri, from: &spaces)
            forgetIfEmpty(provider)
        }
    }

    private func place(_ nlri: NLRI, _ path: Path) {
        if let said = SaidLabels(nlri, path.attributes, block: block) {
            guard let provider = provider(said.provider, with: said.labels.count) else {
                return wait(nlri, for: said.provider, path)
            }
            placed[nlri] = path.attributes
            var isConsistent = true
            change(provider) { isConsistent = provider.add(said, to: &spaces) }
            if let fault = said.fault { count(fault, nlri, from: path.neighbor) }
            if !isConsistent { count(.inconsistentTunnel, nlri, from: path.neighbor) }
        } else if let said = SaidSegment(nlri, path.attributes, block: block) {
            guard let provider = provider(said.provider, with: 1) else { return wait(nlri, for: said.provider, path) }
            placed[nlri] = path.attributes
            provider.add(said, of: nlri)
            settleSegments(nlri, of: provider)
        }
    }

    /// The labels of a PE; `nil` where it may not have so many more.
    private func provider(_ address: IPAddress, with count: Int) -> ProviderLabels? {
        if let provider = providers[address] { return provider.hasRoom(for: count) ? provider : nil }
        guard providers.count < Self.providerLimit, count <= ProviderLabels.limit else { return nil }
        let provider = ProviderLabels(address)
        providers[address] = provider
        return provider
    }

    private func change(_ provider: ProviderLabels, _ body: () -> Void) {
        let domains = provider.hasSegments ? provider.domains : []
        body()
        if provider.hasSegments, provider.domains != domains { settleSegments(nil, of: provider) }
        forgetIfEmpty(provider)
    }

    private func forgetIfEmpty(_ provider: ProviderLabels) {
        if provider.isEmpty { providers[provider.address] = nil }
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

    private func wait(_ nlri: NLRI, for provider: IPAddress, _ path: Path) {
        waiting.insert(nlri, of: provider)
        count(.labelSpacesFull, nlri, from: path.neighbor)
    }

    /// Places routes that have waited, as far as there is room now: those of the PE of which one has gone, and those of another one if
    /// that was the last.
    private func admitWaiting() {
        guard let freed else { return }
        self.freed = nil
        guard waiting.count > 0 else { return }
        admitWaiting(of: freed)
        guard providers[freed] == nil, let other = waiting.anyProvider else { return }
        admitWaiting(of: other)
    }

    private func admitWaiting(of provider: IPAddress) {
        while let nlri = waiting.popFirst(of: provider) {
            guard let best = senders.best(nlri, nextHop: { _, _ in .resolved }) else { continue }
            place(nlri, best)
            if placed[nlri] == nil { return }
        }
    }
}
