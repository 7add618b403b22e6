import Addressing

/// Where a stream's addresses come from: prefixes, one after the other or at random, and hosts in them.
struct AddressPool {
    /// One prefix: its address and which bits are the host's.
    struct Entry {
        var base: AddressValue
        var hostMask: AddressValue
    }

    let entries: UnsafeMutablePointer<Entry>
    let count: UInt64
    let isRandom: Bool
    /// Of the next packet, when in sequence.
    private var position: UInt64 = 0
    private var round: UInt64 = 0

    /// - Parameter prefixes: not empty.
    init(_ prefixes: [IPPrefix], order: HostOrder) {
        entries = .allocate(capacity: max(prefixes.count, 1))
        for (index, prefix) in prefixes.enumerated() {
            let hostBits = prefix.family.bits - Int(prefix.length)
            let mask: UInt128 = hostBits >= 128 ? .max : (1 << UInt128(hostBits)) - 1
            (entries + index).initialize(
                to: Entry(base: AddressValue(prefix.address.numericValue), hostMask: AddressValue(mask)))
        }
        count = UInt64(prefixes.count)
        isRandom = order == .random
    }

    func deallocate() { entries.deallocate() }

    /// The next address. A host part of all zeros or all ones is stepped over where a prefix has other hosts, since it
    /// names the subnet or its broadcast address in IPv4.
    @_noLocks @inline(__always)
    mutating func next(_ random: inout PacketRandom) -> AddressValue {
        var hostLow: UInt64
        var hostHigh: UInt64 = 0
        let index: Int
        if isRandom {
            index = count == 1 ? 0 : Int(truncatingIfNeeded: random.next().multipliedFullWidth(by: count).high)
            hostLow = random.next()
            if entries[index].hostMask.high != 0 { hostHigh = random.next() }
        } else {
            index = Int(truncatingIfNeeded: position)
            hostLow = round
            position &+= 1
            if position == count {
                position = 0
                round &+= 1
            }
        }
        let mask = entries[index].hostMask
        hostLow &= mask.low
        hostHigh &= mask.high
        if mask.low > 1, hostHigh == 0 || hostHigh == mask.high, hostLow == 0 || hostLow == mask.low { hostLow ^= 1 }
        let base = entries[index].base
        return AddressValue(high: base.high | hostHigh, low: base.low | hostLow)
    }
}

extension AddressValue {
    init(_ value: UInt128) {
        high = UInt64(truncatingIfNeeded: value >> 64)
        low = UInt64(truncatingIfNeeded: value)
    }
}

/// A small generator for the packets' random fields: xorshift64* (Vigna, "An experimental exploration of Marsaglia's
/// xorshift generators, scrambled", 2016), seeded so that a run can be repeated.
struct PacketRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed == 0 ? 0x9E37_79B9_7F4A_7C15 : seed }

    @_noLocks @inline(__always)
    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
