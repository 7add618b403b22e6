/// The writer's own store of one VRF's routes of one family: a hash table with open addressing, prefix → next hop.
/// At most 3/4 full, 12 octets a slot for IPv4 and 32 for IPv6.
struct RouteTable<Address: FixedWidthInteger & UnsignedInteger>: ~Copyable {
    private struct Slot {
        var address: Address
        var nextHop: UInt32
        var length: UInt8
    }

    private static var free: UInt8 { 0xFF }

    private var slots: UnsafeMutableBufferPointer<Slot>
    /// Keyed, so that a peer that chooses its prefixes cannot make them collide.
    private let hashKey: UInt64
    private(set) var count = 0

    init(hashKey: UInt64) {
        self.hashKey = hashKey
        slots = Self.slots(capacity: 0)
    }

    deinit { slots.deallocate() }

    /// The next hop of exactly this prefix; 0: no such route.
    func nextHop(of address: Address, length: Int) -> UInt32 {
        guard slots.count > 0 else { return 0 }
        let index = position(of: address, length: UInt8(length))
        return slots[index].length == Self.free ? 0 : slots[index].nextHop
    }

    mutating func set(_ address: Address, length: Int, nextHop: UInt32) {
        if (count + 1) * 4 > slots.count * 3 { resize(to: max(16, slots.count * 2)) }
        let index = position(of: address, length: UInt8(length))
        if slots[index].length == Self.free { count += 1 }
        slots[index] = Slot(address: address, nextHop: nextHop, length: UInt8(length))
    }

    mutating func remove(_ address: Address, length: Int) {
        guard slots.count > 0 else { return }
        var hole = position(of: address, length: UInt8(length))
        guard slots[hole].length != Self.free else { return }
        let mask = slots.count - 1
        var next = (hole + 1) & mask
        while slots[next].length != Self.free {
            // A slot may fill the hole only when its home is not behind the hole on its way.
            let home = home(of: slots[next].address, length: slots[next].length)
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole].length = Self.free
        count -= 1
        if slots.count > 16, count * 8 < slots.count { resize(to: slots.count / 2) }
    }

    /// Calls `body` with the slots' prefixes, in no particular order.
    func visit<Failure: Error>(_ body: (Address, Int, UInt32) throws(Failure) -> Void) throws(Failure) {
        for slot in slots where slot.length != Self.free {
            try body(slot.address, Int(slot.length), slot.nextHop)
        }
    }

    private func home(of address: Address, length: UInt8) -> Int {
        let low = UInt64(truncatingIfNeeded: address)
        let high = Address.bitWidth > 64 ? UInt64(truncatingIfNeeded: address >> 64) : 0
        // The mixing function of SplitMix64 behind the key.
        var hash = (low ^ UInt64(length) << 56 ^ high &* 0x9E37_79B9_7F4A_7C15) &+ hashKey
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return Int(truncatingIfNeeded: hash ^ hash >> 31) & (slots.count - 1)
    }

    /// Where the prefix is, or the free slot where it would go.
    private func position(of address: Address, length: UInt8) -> Int {
        let mask = slots.count - 1
        var index = home(of: address, length: length)
        while slots[index].length != Self.free,
            slots[index].address != address || slots[index].length != length
        {
            index = (index + 1) & mask
        }
        return index
    }

    private mutating func resize(to capacity: Int) {
        let old = slots
        slots = Self.slots(capacity: capacity)
        for slot in old where slot.length != Self.free {
            slots[position(of: slot.address, length: slot.length)] = slot
        }
        old.deallocate()
    }

    private static func slots(capacity: Int) -> UnsafeMutableBufferPointer<Slot> {
        let slots = UnsafeMutableBufferPointer<Slot>.allocate(capacity: capacity)
        slots.initialize(repeating: Slot(address: 0, nextHop: 0, length: free))
        return slots
    }
}
