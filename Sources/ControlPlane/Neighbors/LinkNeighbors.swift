import Addressing
import Logging
import PacketFormats

/// The table of neighbors where the tables' compiler can see it. Who changes it is ``LinkNeighbors``.
final class NeighborStore {
    fileprivate(set) var table = NeighborTable()
}

/// The hosts on the links: asks for those that are needed, and brings tables and waiting packets to what is found out.
final class LinkNeighbors {
    private let store: NeighborStore
    private var mirror = NeighborMirror()
    /// Whether a BGP neighbor on an NNI may have come or gone since routing was last told of next hops.
    private(set) var nextHopsHaveChanged = true

    private let tables: InstalledTables
    private let dataplane: DataplaneLink
    private let injected: InjectedPackets
    private let counters: ControlPlaneCounters
    private let clock: WallClock
    private let logger: Logger

    /// - Parameter store: the one that the tables look into.
    init(
        _ store: NeighborStore, tables: InstalledTables, injected: InjectedPackets, dataplane: DataplaneLink,
        counters: ControlPlaneCounters, clock: WallClock, logger: Logger
    ) {
        self.store = store
        self.tables = tables
        self.injected = injected
        self.dataplane = dataplane
        self.counters = counters
        self.clock = clock
        self.logger = logger
    }

    // MARK: What is known

    var all: [NeighborKey: NeighborEntry] { store.table.neighbors }
    subscript(key: NeighborKey) -> NeighborEntry? { store.table[key] }
    func interface(_ number: InterfaceNumber) -> NeighborInterface? { store.table.interface(number) }
    /// How many neighbors found no room where a restarted process looks for them.
    var missingCount: Int { mirror.missingCount }

    /// Writes down in the tables what is known of neighbors, for a process that is restarted.
    func updateMirror() {
        mirror.update(
            tables.writer, from: store.table, secondsSince1970: UInt64(clamping: WallClock.secondsSince1970))
    }

    // MARK: Interfaces and their links

    /// Begins with the interfaces of the first plan and the neighbors that an earlier run knew. Nothing is sent yet.
    func restore(_ neighbors: [Inheritance.Neighbor], on interfaces: [NeighborInterface]) {
        for interface in interfaces { _ = store.table.setInterface(interface) }
        for neighbor in neighbors {
            let effects = store.table.restore(neighbor.key, hardwareAddress: neighbor.hardwareAddress, now: clock.now)
            if !effects.isEmpty { tables.neighborChanged(neighbor.key) }
        }
    }

    /// Brings the interfaces to the plan that the tables have now.
    func follow(_ changes: PlanChanges, from old: ForwardingPlan) {
        let plan = tables.plan
        let wanted = Dictionary(
            changes.interfaces.compactMap { plan.interfaces[$0]?.neighborInterface }.map { ($0.number, $0) }
        ) { first, _ in first }
        let former = Set(changes.interfaces.compactMap { old.interfaces[$0]?.neighborInterface?.number })
        for number in former.sorted() where wanted[number] == nil {
            perform(store.table.removeInterface(number))
        }
        for interface in wanted.values.sorted(by: { $0.number < $1.number }) {
            perform(store.table.setInterface(interface))
        }
        followLinks()
        nextHopsHaveChanged = true
    }

    /// Ports have lost their links or got them back.
    func portsHaveChanged() {
        followLinks()
        nextHopsHaveChanged = true
    }

    private func followLinks() {
        var lost: Set<InterfaceNumber> = []
        if !dataplane.unusable.isEmpty {
            lost = Set(
                store.table.interfaceNumbers.filter { number in
                    store.table.interface(number).map { !dataplane.isUsable(port: $0.port) } ?? false
                })
        }
        perform(store.table.setWithoutLink(lost, now: clock.now))
    }

    /// Tells the link of the box's addresses there.
    func announceAddresses(of number: InterfaceNumber) { perform(store.table.announceAddresses(of: number)) }

    // MARK: Next hops

    /// A session has come up: whether its neighbor can be reached is to be told.
    func nextHopHasCome() { nextHopsHaveChanged = true }

    /// `false`: routing knows of all changes.
    func takeNextHopChange() -> Bool {
        defer { nextHopsHaveChanged = false }
        return nextHopsHaveChanged
    }

    /// BGP neighbors that were asked for and are on their NNI no more need not be.
    func releaseNextHops(_ former: some Sequence<NeighborKey>) {
        for key in former where !tables.plan.isPeer(key) && !tables.needs(key) {
            store.table.release(key, now: clock.now)
        }
    }

    /// Asks for a neighbor whether or not a route needs it.
    func want(_ key: NeighborKey) { perform(store.table.want(key, now: clock.now)) }

    /// Resolves the neighbors that routes have come to need.
    func meetNeeds() {
        for (key, isNeeded) in tables.takeChangedNeeds() {
            if isNeeded {
                let effects = store.table.want(key, now: clock.now)
                if !effects.isEmpty { perform(effects) }
            } else if !tables.plan.isPeer(key) {
                // A BGP neighbor goes on being asked for: that it can be reached is what makes its routes usable.
                store.table.release(key, now: clock.now)
            }
        }
    }

    // MARK: Packets and time

    /// What neighbors say of themselves.
    func receive(frame: [UInt8], interface: InterfaceNumber) {
        perform(store.table.receive(frame: frame, interface: interface, now: clock.now))
    }

    /// Sends a packet as soon as its neighbor is known.
    func hold(_ packet: HeldPacket, for key: NeighborKey) {
        perform(store.table.hold(packet, for: key, now: clock.now))
    }

    /// To be called several times a second.
    func advance() { perform(store.table.advance(now: clock.now)) }

    /// Carries out what the neighbor table asks for.
    private func perform(_ effects: [NeighborEffect]) {
        for effect in effects {
            switch effect {
            case .transmit(let interface, let frame): transmit(frame, by: interface)
            case .resolved(let key, _), .failed(let key), .removed(let key):
                tables.neighborChanged(key)
                if tables.plan.isPeer(key) || tables.plan.interface(numbered: key.interface)?.kind == .core {
                    nextHopsHaveChanged = true
                }
            case .release(let key, let held): release(held, to: key)
            case .undeliverable(let key, let held):
                counters.countHeldPacketsDropped()
                answerUndeliverable(held, to: key)
            case .dropped(_, let packets): counters.countHeldPacketsDropped(packets)
            case .conflict(let interface, let address, let other):
                logger.warning(
                    "another host uses our address",
                    metadata: [
                        "interface": "\(tables.plan.interface(numbered: interface)?.name ?? "")",
                        "address": "\(address)", "mac": "\(other)",
                    ])
            }
        }
        meetNeeds()
    }

    private func transmit(_ frame: [UInt8], by number: InterfaceNumber) {
        guard let interface = store.table.interface(number) else { return }
        injected.transmit(frame, by: interface)
    }

    /// A packet whose neighbor is known now: one of the kernel's leaves by the NNI at once, one of a VRF goes through
    /// the pipeline again and meets the new adjacency there.
    private func release(_ held: HeldPacket, to key: NeighborKey) {
        guard held.vrf == 0 else {
            return held.isOwn
                ? injected.say(held.packet, vrf: held.vrf, becauseOf: held.interface) : injected.forward(held)
        }
        guard let interface = store.table.interface(key.interface),
            let destination = store.table[key]?.hardwareAddress
        else { return }
        let frame = EthernetFrame.octets(
            destination: destination, source: interface.hardwareAddress, tags: interface.tags,
            etherType: key.address.family == .ipv4 ? EtherType.ipv4 : EtherType.ipv6, payload: held.packet)
        injected.transmit(frame, by: interface)
    }

    /// Tells the sender inside his VRF, from our address on the circuit where the neighbor was looked for. What the box
    /// itself said has no sender to be told.
    private func answerUndeliverable(_ held: HeldPacket, to key: NeighborKey) {
        guard held.vrf != 0, !held.isOwn,
            // A packet of one family may wait for a next hop of the other (RFC 8950).
            let family = IPHeader.addresses(of: held.packet)?.source.family,
            let own = store.table.interface(key.interface)?.addresses.first(where: { $0.address.family == family }),
            let answer = HostUnreachable.packet(about: held.packet, from: own.address)
        else { return }
        injected.say(answer, vrf: held.senderVRF, becauseOf: held.interface)
    }
}
