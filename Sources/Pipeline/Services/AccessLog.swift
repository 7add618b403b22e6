import CTableLayout
import ForwardingTables

/// What access lists log, on the worker's side: packets that meet an entry with `log` are counted by flow for a moment,
/// and then leave for the control process by a ring.
///
/// So however many packets come, a worker hands out a few thousand records a second at most, and the counts are exact
/// as long as there is room. The places are banks of which a list has one: who floods one list takes no place from
/// most of the others.
struct AccessLog {
    /// Flows that wait to be handed out.
    private(set) var count = 0

    private let places: UnsafeMutablePointer<stile_access_log_record>
    /// Whether there is memory behind `places`.
    private let hasPlaces: Bool
    /// The bank that is handed out next, and when the last was.
    private var nextBank = 0
    private var sweptMilliseconds: UInt64 = 0

    private static var bankCount: Int { @_noLocks @inline(__always) get { 64 } }
    private static var bankPlaces: Int { @_noLocks @inline(__always) get { 64 } }
    /// Places of a bank that are looked at for a packet.
    private static var probeLimit: Int { @_noLocks @inline(__always) get { 8 } }
    /// All banks are handed out four times a second.
    private static var millisecondsPerBank: UInt64 { @_noLocks @inline(__always) get { 4 } }
    private static var placeCount: Int { bankCount * bankPlaces }

    /// Nothing logged, freed by `deallocate`. The kernel gives the memory when it is first touched; without memory
    /// nothing finds room.
    init() {
        if let memory = ZeroedPages.take(stile_access_log_record.self, count: Self.placeCount) {
            places = memory
            hasPlaces = true
        } else {
            places = .allocate(capacity: 1)
            hasPlaces = false
        }
    }

    func deallocate() {
        if hasPlaces { ZeroedPages.giveBack(places, count: Self.placeCount) } else { places.deallocate() }
    }

    /// Counts a packet.
    ///
    /// - Parameters:
    ///   - key: what was gathered from the packet.
    ///   - family: 4 or 6.
    ///   - list: the index of the access list, which chooses the bank.
    ///   - hits: the number of the entry's hit counter.
    ///   - counter: of the interface whose list it is.
    /// - Returns: whether there was room.
    @_noLocks
    mutating func add(
        _ key: UnsafePointer<stile_flow_key>, family: UInt8, list: UInt32, hits: UInt32, counter: UInt16,
        direction: stile_access_log_direction
    ) -> Bool {
        guard hasPlaces else { return false }
        // stile_services.h and stile_access_log.h assert the offsets.
        let octets = UnsafeRawPointer(key)
        let source = octets.load(fromByteOffset: 16, as: UInt128.self)
        let destination = octets.load(fromByteOffset: 32, as: UInt128.self)
        let entryAndPorts =
            UInt64(hits) | UInt64(octets.networkUInt16(at: 8)) &<< 32 | UInt64(octets.networkUInt16(at: 10)) &<< 48
        let interface =
            UInt64(counter) | UInt64(key.pointee.protocol) &<< 16 | UInt64(family) &<< 24
            | UInt64(direction.rawValue) &<< 32
        let bank = places + (Int(list) & (Self.bankCount &- 1)) &* Self.bankPlaces
        let start = Self.hash(source, destination, entryAndPorts)
        var free: UnsafeMutablePointer<stile_access_log_record>?
        var probe = 0
        while probe < Self.probeLimit {
            let place = bank + ((start &+ probe) & (Self.bankPlaces &- 1))
            let stored = UnsafeRawPointer(place)
            if place.pointee.packets == 0 {
                if free == nil { free = place }
            } else if stored.load(fromByteOffset: 32, as: UInt64.self) == entryAndPorts,
                stored.load(fromByteOffset: 40, as: UInt64.self) == interface,
                stored.load(as: UInt128.self) == source,
                stored.load(fromByteOffset: 16, as: UInt128.self) == destination
            {
                place.pointee.packets &+= 1
                return true
            }
            probe &+= 1
        }
        guard let free else { return false }
        let place = UnsafeMutableRawPointer(free)
        place.storeBytes(of: source, as: UInt128.self)
        place.storeBytes(of: destination, toByteOffset: 16, as: UInt128.self)
        place.storeBytes(of: entryAndPorts, toByteOffset: 32, as: UInt64.self)
        place.storeBytes(of: interface, toByteOffset: 40, as: UInt64.self)
        free.pointee.packets = 1
        count &+= 1
        return true
    }

    /// Who chooses flows that meet in one place only keeps them out of the log, and of their own list's part of it.
    @_noLocks @inline(__always)
    private static func hash(_ source: UInt128, _ destination: UInt128, _ entryAndPorts: UInt64) -> Int {
        let addresses = source ^ (destination &<< 64 | destination &>> 64)
        let folded = UInt64(truncatingIfNeeded: addresses) ^ UInt64(truncatingIfNeeded: addresses &>> 64)
        let product = (folded ^ entryAndPorts).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return Int(truncatingIfNeeded: product.high ^ product.low) & (bankPlaces &- 1)
    }

    /// Hands out one bank, if it is time to. To be called in every turn of the loop while `count` is above 0.
    @_noLocks
    mutating func sweep(milliseconds: UInt64, ring: AccessLogRing) {
        // Unsigned, so that a clock that is set back does not stop it.
        guard milliseconds &- sweptMilliseconds >= Self.millisecondsPerBank else { return }
        sweptMilliseconds = milliseconds
        handOut(bank: nextBank, ring)
        nextBank = (nextBank &+ 1) & (Self.bankCount &- 1)
    }

    /// Hands out what there is room for in the ring.
    @_noLocks
    mutating func handOutAll(_ ring: AccessLogRing) {
        var bank = 0
        while bank < Self.bankCount, count > 0 {
            handOut(bank: bank, ring)
            bank &+= 1
        }
    }

    /// What finds the ring full stays.
    @_noLocks
    private mutating func handOut(bank: Int, _ ring: AccessLogRing) {
        var place = places + bank &* Self.bankPlaces
        let end = place + Self.bankPlaces
        while place < end {
            if place.pointee.packets > 0 {
                guard let slot = ring.reserve() else { return }
                slot.pointee = place.pointee
                ring.commit()
                place.pointee.packets = 0
                count &-= 1
            }
            place += 1
        }
    }
}

extension WorkerState {
    /// Logs a packet that met an entry with `log`.
    @_noLocks @inline(never)
    mutating func logAccess(
        _ index: Int, list: UInt32, hits: UInt32, _ direction: ServiceSide
    ) {
        let way: stile_access_log_direction
        switch direction {
        case .incoming: way = STILE_ACCESS_LOG_IN
        case .outgoing: way = STILE_ACCESS_LOG_OUT
        }
        let key = flowKey(of: index)
        let hasRoom = accessLog.add(
            key, family: burst.flags[index].contains(.isIPv6) ? 6 : 4, list: list, hits: hits,
            counter: serviceCounter(of: index, direction), direction: way)
        guard !hasRoom else { return }
        stile_store_relaxed_u64(
            &statistics.pointee.access_log_missed, statistics.pointee.access_log_missed &+ 1)
    }

    /// Hands out a part of what access lists have logged. To be called in every turn of the owner's loop.
    @_noLocks
    public static func sweepAccessLog(_ worker: UnsafeMutablePointer<WorkerState>, _ ring: AccessLogRing) {
        guard worker.pointee.accessLog.count > 0 else { return }
        worker.pointee.accessLog.sweep(milliseconds: worker.pointee.milliseconds, ring: ring)
    }

    /// Hands out what there is, for a worker that stops.
    public static func endAccessLog(_ worker: UnsafeMutablePointer<WorkerState>, _ ring: AccessLogRing) {
        worker.pointee.accessLog.handOutAll(ring)
    }
}
