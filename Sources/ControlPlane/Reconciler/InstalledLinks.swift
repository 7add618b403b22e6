import Addressing
import CTableLayout
import ForwardingTables

/// The links in the tables: one for each neighbor and kind of frame, however many next hops lead by it.
final class InstalledLinks {
    private struct Link {
        let key: LinkKey
        var users: Int
        /// `nil`: there was no room for what it should be, and packets are refused.
        var resolution: LinkResolution?
        /// The share of its circuit's VRF, in which it counts. NNIs have few neighbors, which are all VRFs'.
        let share: TableShare?
    }

    /// The most outer labels to one neighbor or PE: label spaces are few, and a far end that says another one with each route takes no
    /// room from others.
    private static let mostOuterLabels = 64
    /// Of those that refuse packets, tried again in one round.
    private static let attemptsPerRound = 1000

    /// How the VRFs share the links to their circuits' neighbors. Some adjacencies are nobody's part: a neighbor's new
    /// address takes a new one before the old is free.
    let shares: TableShares
    private let context: TablesContext
    private let writer: LinkWriter
    private var links: [UInt32: Link] = [:]
    private var numbers: [LinkKey: UInt32] = [:]
    /// Those with an outer label, by where they lead.
    private var stacked: [LinkKey.End: Set<UInt32>] = [:]
    private var ofInterface: [InterfaceNumber: Set<UInt32>] = [:]
    /// The links to PEs, with the routers that they lead by now.
    private var transports: [UInt32: NeighborKey?] = [:]
    /// Links that refuse packets, since their adjacency found no room.
    private(set) var waiting: Set<UInt32> = []

    init(_ context: TablesContext) {
        self.context = context
        writer = context.writer.links
        let capacities = context.writer.capacities
        let adjacencies = capacities.adjacencies - Int(STILE_ADJACENCY_FIRST.rawValue)
        shares = TableShares(capacity: min(capacities.links - 1, adjacencies - adjacencies / 16))
    }

    func key(of number: UInt32) -> LinkKey? { links[number]?.key }

    /// The links to neighbors on the interface with this number.
    func numbers(on interface: InterfaceNumber) -> Set<UInt32> { ofInterface[interface] ?? [] }

    /// The links to a neighbor, and to the PEs behind it.
    func numbers(to neighbor: NeighborKey) -> Set<UInt32> {
        let own = LinkKey.Content.allCases.flatMap { numbers(to: LinkKey.End.neighbor(neighbor, $0)) }
        return Set(own).union(transports.filter { $0.value == neighbor }.keys)
    }

    /// The links to all PEs.
    var numbersToProviders: Set<UInt32> { Set(transports.keys) }

    /// The links to some of them.
    func numbers(to providers: Set<IPAddress>) -> Set<UInt32> {
        Set(providers.flatMap { numbers(to: LinkKey.End.provider($0)) })
    }

    private func numbers(to end: LinkKey.End) -> Set<UInt32> {
        var found = stacked[end] ?? []
        if let number = numbers[LinkKey(end)] { found.insert(number) }
        return found
    }

    /// Whether packets leave by a link, or will when it has been brought up to date, by a port that carries something.
    func isToLeadOut(_ number: UInt32) -> Bool {
        guard let key = key(of: number), case .resolved(let port, _, _) = resolution(of: key) else { return false }
        return !context.unusablePorts.contains(port)
    }

    // MARK: Taking and giving back

    /// The number of a link for a next hop of a VRF, made if it is not there; `release` gives it back. `nil`: there is no
    /// room for it.
    func acquire(_ key: LinkKey, vrf: VRFNumber) -> UInt32? {
        if let number = numbers[key] {
            links[number]?.users += 1
            return number
        }
        let share = key.isOfCircuit && context.plan.has(vrf) ? shares[vrf.rawValue] : nil
        return context.attempt("link") { () throws(TablesError) in try add(key, share) }
    }

    private func add(_ key: LinkKey, _ share: TableShare?) throws(TablesError) -> UInt32 {
        guard share?.admits(1, inUse: links.count) ?? true,
            key.outer == nil || (stacked[key.end]?.count ?? 0) < Self.mostOuterLabels
        else { throw .sectionFull(.links) }
        let resolution = resolution(of: key)
        let number = try writer.add(STILE_ADJACENCY_FAILED)
        do throws(TablesError) {
            try set(number, resolution)
        } catch {
            writer.retire(number)
            throw error
        }
        links[number] = Link(key: key, users: 1, resolution: resolution, share: share)
        numbers[key] = number
        if key.outer != nil { stacked[key.end, default: []].insert(number) }
        if let neighbor = key.neighbor {
            ofInterface[neighbor.interface, default: []].insert(number)
        } else {
            transports[number] = .some(nil)
            context.transports.watch(key.address)
            noteRouter(of: number, key)
        }
        share?.change(by: 1)
        return number
    }

    func release(_ number: UInt32) {
        guard var link = links[number] else { return }
        link.users -= 1
        links[number] = link
        guard link.users == 0 else { return }
        links[number] = nil
        numbers[link.key] = nil
        if link.key.outer != nil {
            stacked[link.key.end]?.remove(number)
            if stacked[link.key.end]?.isEmpty == true { stacked[link.key.end] = nil }
        }
        if let interface = link.key.neighbor?.interface {
            ofInterface[interface]?.remove(number)
            if ofInterface[interface]?.isEmpty == true { ofInterface[interface] = nil }
        } else if let router = transports.removeValue(forKey: number) {
            if let router { context.noteChangedNeed(of: router) }
        }
        waiting.remove(number)
        link.share?.change(by: -1)
        writer.retire(number)
    }

    // MARK: Bringing up to date

    /// Works a link out again.
    func refresh(_ number: UInt32) {
        guard let key = key(of: number) else { return }
        context.noteComparison()
        let resolution = resolution(of: key)
        _ = context.attempt("link") { () throws(TablesError) in try bring(number, to: resolution) }
        noteRouter(of: number, key)
    }

    /// Works the links to a neighbor out again, and those to the PEs behind it.
    func refresh(to neighbor: NeighborKey) {
        for number in numbers(to: neighbor).sorted() { refresh(number) }
    }

    /// Works the links to all PEs out again: the transports may be others.
    func refreshTransports() {
        for number in numbersToProviders.sorted() { refresh(number) }
    }

    /// The same of the links to some of them.
    func refreshTransports(to providers: Set<IPAddress>) {
        for number in numbers(to: providers).sorted() { refresh(number) }
    }

    /// The PEs that links lead to.
    var providers: Set<IPAddress> { Set(transports.keys.compactMap { key(of: $0)?.address }) }

    /// Whether the way to a PE leads by a router.
    func need(_ router: NeighborKey) -> Bool { transports.values.contains(router) }

    /// A transport's router is asked for as long as a link leads by it.
    private func noteRouter(of number: UInt32, _ key: LinkKey) {
        guard case .provider(let provider) = key.end, let former = transports[number] else { return }
        let router = context.transports.transport(to: provider)?.router
        guard router != former else { return }
        transports[number] = .some(router)
        for changed in [former, router].compactMap(\.self) { context.noteChangedNeed(of: changed) }
    }

    /// Works out again some of those whose adjacencies found no room.
    func refreshWaiting() {
        for number in Array(waiting.prefix(Self.attemptsPerRound)) { refresh(number) }
    }

    /// Brings a link to what it should be. Without room for that it refuses packets: the Ethernet address that it had may be
    /// somebody else's meanwhile.
    private func bring(_ number: UInt32, to resolution: LinkResolution) throws(TablesError) {
        guard let link = links[number], link.resolution != resolution else { return }
        do throws(TablesError) {
            try set(number, resolution)
        } catch {
            try? writer.set(number, to: STILE_ADJACENCY_FAILED)
            links[number]?.resolution = nil
            waiting.insert(number)
            throw error
        }
        links[number]?.resolution = resolution
        waiting.remove(number)
    }

    private func resolution(of key: LinkKey) -> LinkResolution {
        switch key.end {
        case .neighbor(let neighbor, let content):
            let interface = context.plan.interface(numbered: neighbor.interface)
            let above = interface.flatMap { nni in key.outer.map { ResolvedTransport($0, by: nni) } }
            return LinkResolution(content, context.neighborEntry(neighbor), on: interface, above)
        case .provider(let provider):
            guard let transport = context.transports.transport(to: provider)?.with(key.outer) else { return .failed }
            let router = transport.router
            let interface = context.plan.interface(numbered: router.interface)
            return LinkResolution(
                .labelled, context.neighborEntry(router), on: interface,
                interface.map { ResolvedTransport(transport, by: $0) })
        }
    }

    private func set(_ number: UInt32, _ resolution: LinkResolution) throws(TablesError) {
        switch resolution {
        case .incomplete: try writer.set(number, to: STILE_ADJACENCY_INCOMPLETE)
        case .failed: try writer.set(number, to: STILE_ADJACENCY_FAILED)
        case .resolved(let port, let rewrite, let transport):
            let record = stile_adjacency(port: port, header: rewrite)
            try writer.set(number, to: record, transport?.record, transport?.encapsulation)
        }
    }
}
