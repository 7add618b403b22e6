import Addressing

/// Neighbor resolution for all interfaces: ARP (RFC 826) for IPv4 and neighbor discovery (RFC 4861) for IPv6.
///
/// A pure state machine: time comes in as a parameter (any origin, never going back) and what is to be done comes out
/// as effects.
///
///                     solicit                answer                  age
///     (nothing) ──────────────► incomplete ─────────► reachable ───────────► stale
///                                   │                     ▲                    │ age
///                                   │ no answer           └─────── answer ── probe
///                                   ▼                                          │
///                                 failed ◄─────────────────────────────────────┘ no answer
///
/// An address is taken only from a subnet of the interface, never the box's own, never a group address.
public struct NeighborTable: Sendable {
    let timing: NeighborTiming
    let limits: NeighborLimits
    var interfaces: [InterfaceNumber: NeighborInterface] = [:]
    var entries: [NeighborKey: NeighborEntry] = [:]
    /// Interfaces whose link is down.
    var withoutLink: Set<InterfaceNumber> = []
    /// Entries that no route needs, by interface.
    var unneededCount: [InterfaceNumber: Int] = [:]
    /// Those of them that nobody but packets asked for and that have never answered.
    var unanswered = UnansweredNeighbors()
    var heldCount = 0
    /// Packets that wait, by the interface of the neighbor.
    var heldCounts: [InterfaceNumber: Int] = [:]
    /// When each own address was last defended.
    var defended: [NeighborKey: Duration] = [:]
    /// Nothing is due before.
    var nextDeadline: Duration?

    public init(timing: NeighborTiming = NeighborTiming(), limits: NeighborLimits = NeighborLimits()) {
        self.timing = timing
        self.limits = limits
    }

    /// All neighbors.
    public var neighbors: [NeighborKey: NeighborEntry] { entries }

    public subscript(key: NeighborKey) -> NeighborEntry? { entries[key] }

    /// The numbers of all interfaces.
    public var interfaceNumbers: [InterfaceNumber] { interfaces.keys.sorted() }

    /// The interface with this number; `nil` if it has none.
    public func interface(_ number: InterfaceNumber) -> NeighborInterface? { interfaces[number] }

    // MARK: Interfaces

    /// Adds an interface or changes it, and announces its own addresses where they or the Ethernet address are new
    /// (RFC 5227 §3, RFC 4861 §7.2.6). Neighbors that the change puts off the link are forgotten.
    public mutating func setInterface(_ interface: NeighborInterface) -> [NeighborEffect] {
        let old = interfaces[interface.number]
        guard old != interface else { return [] }
        interfaces[interface.number] = interface
        var effects: [NeighborEffect] = []
        for key in entries.keys where key.interface == interface.number {
            if interface.ownAddress(towards: key.address) == nil { effects += remove(key) }
        }
        for address in interface.addresses.map(\.address) {
            let isKnown = old?.hardwareAddress == interface.hardwareAddress && old?.owns(address) == true
            if !isKnown { effects.append(announcement(of: address, on: interface)) }
        }
        return effects
    }

    /// Announces the own addresses of an interface whose link has come up: what was announced before is lost.
    public func announceAddresses(of number: InterfaceNumber) -> [NeighborEffect] {
        guard let interface = interfaces[number] else { return [] }
        return interface.addresses.map { announcement(of: $0.address, on: interface) }
    }

    /// Removes an interface with all its neighbors.
    public mutating func removeInterface(_ number: InterfaceNumber) -> [NeighborEffect] {
        guard interfaces.removeValue(forKey: number) != nil else { return [] }
        defended = defended.filter { $0.key.interface != number }
        withoutLink.remove(number)
        return entries.keys.filter { $0.interface == number }.sorted().flatMap { remove($0) }
    }

    // MARK: What the routes and the packets need

    /// Says that a route needs the neighbor: it is resolved now and kept resolved.
    public mutating func want(_ key: NeighborKey, now: Duration) -> [NeighborEffect] {
        if let entry = entries[key] {
            guard !entry.isWanted else { return [] }
            entries[key]?.isWanted = true
            unneededCount[key.interface, default: 0] -= 1
            unanswered.remove(key)
            if entry.state == .failed { entries[key]?.deadline = now }
            schedule(now)
            return []
        }
        return create(key, isWanted: true, now: now)
    }

    /// Says that no route needs the neighbor any more; it stays while it answers.
    public mutating func release(_ key: NeighborKey, now: Duration) {
        guard entries[key]?.isWanted == true else { return }
        entries[key]?.isWanted = false
        unneededCount[key.interface, default: 0] += 1
        if entries[key]?.hardwareAddress == nil { unanswered.insert(key) }
    }

    /// A packet for a neighbor: it is held until the neighbor is resolved, or released at once if it is.
    public mutating func hold(_ packet: HeldPacket, for key: NeighborKey, now: Duration) -> [NeighborEffect] {
        var effects: [NeighborEffect] = []
        if entries[key] == nil { effects += create(key, isWanted: false, now: now) }
        guard let entry = entries[key] else { return effects + [.dropped(key, packets: 1)] }
        switch entry.state {
        case .reachable, .stale, .probe: return effects + [.release(key, packet)]
        case .failed:
            if now >= entry.retry {
                entries[key]?.retry = now + timing.retry
                if let question = solicitation(for: key, to: nil) { effects.append(question) }
            }
            return effects + [.dropped(key, packets: 1)]
        case .incomplete: break
        }
        if entry.held.count >= limits.packetsPerNeighbor {
            entries[key]?.held.removeFirst()
            countHeld(-1, on: key.interface)
            effects.append(.dropped(key, packets: 1))
        }
        guard heldCount < limits.packets, heldCounts[key.interface, default: 0] < limits.packetsPerInterface else {
            return effects + [.dropped(key, packets: 1)]
        }
        entries[key]?.held.append(packet)
        countHeld(1, on: key.interface)
        return effects
    }

    /// A neighbor that an earlier run of the process knew: it is used at once and asked for soon.
    public mutating func restore(_ key: NeighborKey, hardwareAddress: MACAddress, now: Duration) -> [NeighborEffect] {
        guard entries[key] == nil, canLearn(key, hardwareAddress: hardwareAddress), hasRoom(on: key.interface) else {
            return []
        }
        insert(key, NeighborEntry(state: .incomplete, confirmed: now, isWanted: false, deadline: now))
        return learn(key, hardwareAddress: hardwareAddress, as: .stale, now: now)
    }
}

extension NeighborTable {
    /// Whether a neighbor could have these addresses on its interface.
    func canLearn(_ key: NeighborKey, hardwareAddress: MACAddress) -> Bool {
        guard let interface = interfaces[key.interface], interface.ownAddress(towards: key.address) != nil,
            !withoutLink.contains(key.interface)
        else { return false }
        return !hardwareAddress.isGroup && hardwareAddress.rawValue != 0
            && hardwareAddress != interface.hardwareAddress
    }

    func hasRoom(on interface: InterfaceNumber) -> Bool {
        unneededCount[interface, default: 0] < limits.neighborsPerInterface
    }

    /// Gives the place of a neighbor that does not answer to one that speaks.
    mutating func makeRoom(on interface: InterfaceNumber) -> [NeighborEffect] {
        hasRoom(on: interface) ? [] : removeOldestUnanswered(on: interface)
    }

    private mutating func removeOldestUnanswered(on interface: InterfaceNumber) -> [NeighborEffect] {
        unanswered.oldest(on: interface).map { remove($0) } ?? []
    }

    mutating func countHeld(_ difference: Int, on interface: InterfaceNumber) {
        heldCount += difference
        let count = heldCounts[interface, default: 0] + difference
        heldCounts[interface] = count == 0 ? nil : count
    }

    mutating func insert(_ key: NeighborKey, _ entry: NeighborEntry) {
        entries[key] = entry
        if !entry.isWanted {
            unneededCount[key.interface, default: 0] += 1
            unanswered.insert(key)
        }
        schedule(entry.deadline)
    }

    mutating func create(_ key: NeighborKey, isWanted: Bool, now: Duration) -> [NeighborEffect] {
        guard interfaces[key.interface]?.ownAddress(towards: key.address) != nil else { return [] }
        guard !withoutLink.contains(key.interface) else {
            // It is asked for when the link is back.
            guard isWanted else { return [] }
            insert(key, NeighborEntry(state: .failed, confirmed: .zero, isWanted: true, deadline: now + timing.retry))
            return [.failed(key)]
        }
        var effects: [NeighborEffect] = []
        if !isWanted {
            if unanswered.count(on: key.interface) >= limits.unansweredPerInterface {
                effects += removeOldestUnanswered(on: key.interface)
            }
            guard hasRoom(on: key.interface) else { return effects }
        }
        var entry = NeighborEntry(
            state: .incomplete, confirmed: .zero, isWanted: isWanted, deadline: now + timing.retransmission)
        entry.solicitations = 1
        insert(key, entry)
        if let question = solicitation(for: key, to: nil) { effects.append(question) }
        return effects
    }

    /// Takes an address as the neighbor's, which must have an entry and have passed ``canLearn(_:hardwareAddress:)``.
    mutating func learn(
        _ key: NeighborKey, hardwareAddress: MACAddress, as state: ResolutionState, now: Duration
    ) -> [NeighborEffect] {
        guard let old = entries[key] else { return [] }
        let deadline = now + (state == .reachable ? timing.reachable : timing.stale)
        var entry = old
        entry.state = state
        entry.hardwareAddress = hardwareAddress
        entry.deadline = deadline
        entry.solicitations = 0
        entry.held = []
        if state == .reachable { entry.confirmed = now }
        entries[key] = entry
        unanswered.remove(key)
        schedule(deadline)
        countHeld(-old.held.count, on: key.interface)
        var effects: [NeighborEffect] = []
        if !old.state.isUsable || old.hardwareAddress != hardwareAddress {
            effects.append(.resolved(key, hardwareAddress))
        }
        return effects + old.held.map { .release(key, $0) }
    }

    mutating func remove(_ key: NeighborKey) -> [NeighborEffect] {
        guard let entry = entries.removeValue(forKey: key) else { return [] }
        if !entry.isWanted { unneededCount[key.interface, default: 0] -= 1 }
        unanswered.remove(key)
        countHeld(-entry.held.count, on: key.interface)
        let dropped: [NeighborEffect] = entry.held.isEmpty ? [] : [.dropped(key, packets: entry.held.count)]
        return dropped + [.removed(key)]
    }

    mutating func schedule(_ deadline: Duration) {
        nextDeadline = nextDeadline.map { min($0, deadline) } ?? deadline
    }
}
