import CTableLayout

/// Whose packet it is: a `stile_label_entry` in one word, so that LabelCheck hands a label's entry to its packet in one
/// store (`Bench/check-instructions`: as a struct of five fields it is taken apart and put together again).
///
///     octets  0–1 interface   2–3 counter   4–5 vrf   6 flags   7 features
///
/// The entry of a label that is swapped or replicated is not its packet's: that belongs to no VRF, and to what it came in by. That of a label
/// that has the next hop makes the packet its unit's (`poppedOwner`).
struct PacketOwner: BitwiseCopyable, Sendable {
    let rawValue: UInt64

    @_noLocks @inline(__always)
    init(rawValue: UInt64) { self.rawValue = rawValue }

    @_noLocks @inline(__always)
    init(interface: UInt16 = 0, counter: UInt16 = 0, vrf: UInt16 = 0) {
        rawValue = UInt64(interface) | UInt64(counter) << 16 | UInt64(vrf) << 32
    }

    /// Of what came in on `record`, which is number `interface`.
    @_noLocks @inline(__always)
    init(interface: UInt16, _ record: UnsafePointer<stile_interface>) {
        // The record's counter and VRF lie side by side in the same order.
        let counterAndVRF = UInt32(
            littleEndian: UnsafeRawPointer(record).load(fromByteOffset: 4, as: UInt32.self))
        rawValue = UInt64(counterAndVRF) << 16 | UInt64(interface)
    }

    /// The interface record.
    var interface: UInt16 { @_noLocks @inline(__always) get { UInt16(truncatingIfNeeded: rawValue) } }
    /// Index of that interface's counters.
    var counter: UInt16 { @_noLocks @inline(__always) get { UInt16(truncatingIfNeeded: rawValue >> 16) } }
    var vrf: UInt16 { @_noLocks @inline(__always) get { UInt16(truncatingIfNeeded: rawValue >> 32) } }
    /// `stile_interface_flags` of the VRF; what of them the packet has, is `PacketFlags`.
    var flags: UInt8 { @_noLocks @inline(__always) get { UInt8(truncatingIfNeeded: rawValue >> 48) } }

    /// The services that the unit has (`stile_ingress_feature`).
    var features: UInt8 { @_noLocks @inline(__always) get { UInt8(truncatingIfNeeded: rawValue >> 56) } }

    @_noLocks @inline(__always)
    func has(_ flag: stile_interface_flags) -> Bool { rawValue & UInt64(flag.rawValue) << 48 != 0 }

    @_noLocks @inline(__always)
    func has(all flags: UInt8) -> Bool {
        let mask = UInt64(flags) << 48
        return rawValue & mask == mask
    }

    /// The entry of a label that is valid by its source, for a packet that has that source.
    var validated: Self {
        @_noLocks @inline(__always) get {
            guard has(STILE_FLAG_BY_SOURCE) else { return self }
            return Self(rawValue: rawValue ^ UInt64(STILE_FLAG_BY_SOURCE.rawValue | STILE_FLAG_VALID.rawValue) << 48)
        }
    }

    /// The entry of a label that is swapped (`stile_swap_entry`), whoever it is valid from.
    var isSwap: Bool {
        @_noLocks @inline(__always) get {
            rawValue &>> Self.actionShift == UInt64(STILE_LABEL_SWAP.rawValue)
        }
    }

    /// The same of a label that stands alone in its stack, above any packet, and is valid from everywhere: in one comparison.
    var isCommonSwap: Bool {
        @_noLocks @inline(__always) get {
            let other = 0xFFFF << 32 | UInt64(STILE_FLAG_BY_SOURCE.rawValue) << 48 | 7 << Self.actionShift
            return rawValue & other == UInt64(STILE_LABEL_SWAP.rawValue) << Self.actionShift
        }
    }

    /// The entry of a label whose packets go to several (`stile_replicate_entry`), whoever it is valid from. How deep its stack
    /// has to be, is where a swap has it.
    var isReplication: Bool {
        @_noLocks @inline(__always) get {
            rawValue &>> Self.actionShift == UInt64(STILE_LABEL_REPLICATE.rawValue)
        }
    }

    /// Of a replication: the number of its list.
    var replicationList: UInt32 { @_noLocks @inline(__always) get { UInt32(truncatingIfNeeded: rawValue) } }

    /// Of a swap: the number of its next hop.
    var swapNextHop: UInt32 { @_noLocks @inline(__always) get { UInt32(truncatingIfNeeded: rawValue) } }

    /// Of a swap or replication: how many labels have to be under it.
    var swapDepth: UInt8 { @_noLocks @inline(__always) get { UInt8(truncatingIfNeeded: rawValue >> 32) } }

    /// The entry of a label that has its packets' next hop (`stile_pop_entry`), whoever it is valid from.
    var isPop: Bool {
        @_noLocks @inline(__always) get {
            rawValue &>> Self.actionShift == UInt64(STILE_LABEL_NEXT_HOP.rawValue)
        }
    }

    /// The same of one that is valid from everywhere: in one comparison.
    var isCommonPop: Bool {
        @_noLocks @inline(__always) get {
            let other = UInt64(STILE_FLAG_BY_SOURCE.rawValue) << 48 | 7 << Self.actionShift
            return rawValue & other == UInt64(STILE_LABEL_NEXT_HOP.rawValue) << Self.actionShift
        }
    }

    /// The entry of a label that names a label space (`stile_context_entry`).
    var isContext: Bool {
        @_noLocks @inline(__always) get {
            rawValue &>> Self.actionShift == UInt64(STILE_LABEL_CONTEXT.rawValue)
        }
    }

    /// Of a context: the record of its table.
    var contextTable: UInt32 { @_noLocks @inline(__always) get { UInt32(truncatingIfNeeded: rawValue) } }

    /// Of a pop: the number of its next hop.
    var popNextHop: UInt32 {
        @_noLocks @inline(__always) get { UInt32(truncatingIfNeeded: rawValue >> 16) & 0xFF_FFFF }
    }

    /// Of a pop: the owner of its packets, as if the entry were that of the unit with this record.
    @_noLocks @inline(__always)
    func poppedOwner(_ unit: UnsafePointer<stile_interface>) -> Self {
        let flags = UInt64(flags | UInt8(STILE_FLAG_VALID.rawValue)) << 48
        return Self(rawValue: Self(interface: interface, unit).rawValue | flags)
    }

    /// Of a swap: what else is said of what is under it.
    @_noLocks @inline(__always)
    func has(_ option: stile_swap_option) -> Bool { rawValue & UInt64(option.rawValue) << 40 != 0 }

    /// Where the action is (`stile_label_action`).
    private static var actionShift: UInt64 {
        @_noLocks @inline(__always) get { 56 + UInt64(STILE_LABEL_ACTION_SHIFT) }
    }

    @_noLocks @inline(__always)
    func with(_ flags: PacketFlags) -> Self { Self(rawValue: rawValue | UInt64(flags.rawValue) << 48) }
}
