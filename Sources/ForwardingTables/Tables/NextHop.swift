import CTableLayout

/// Where routes lead: the word of a next hop (stile_tables.h has its layout). All zero: no route.
@frozen
public struct NextHop: Hashable, BitwiseCopyable, Sendable {
    public let rawValue: UInt64

    @_noLocks @inlinable @inline(__always)
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    private init(
        _ kind: stile_next_hop_kind, interface: UInt16, link: UInt32 = 0, label: UInt32 = 0, isMarked: Bool = false
    ) {
        rawValue =
            UInt64(label & 0xF_FFFF) | UInt64(link & 0xF_FFFF) << 20 | UInt64(kind.rawValue & 15) << 40
            | (isMarked ? UInt64(STILE_NEXT_HOP_MARKED) : 0) | UInt64(interface) << 48
    }

    /// A neighbor on the attachment circuit with this record.
    public static func circuit(_ interface: UInt16, link: UInt32) -> Self {
        Self(STILE_NEXT_HOP_CIRCUIT, interface: interface, link: link)
    }

    /// A neighbor on an NNI or a PE, by the unit with this record, with the label that it has told, 20 bits. `isMarked`: the PE
    /// is a border router that has the route from an NNI.
    public static func labelled(_ unit: UInt16, link: UInt32, label: UInt32, isMarked: Bool = false) -> Self {
        Self(STILE_NEXT_HOP_LABELLED, interface: unit, link: link, label: label, isMarked: isMarked)
    }

    /// Of label entries: a neighbor on the NNI with this record, or a PE by the core's unit for what is swapped, with the label
    /// that takes the swapped one's place; `nil`: none does, and what is under it goes on.
    public static func swap(_ egress: UInt16, link: UInt32, label: UInt32?) -> Self {
        Self(STILE_NEXT_HOP_SWAP, interface: egress, link: link, label: label ?? STILE_LABEL_NONE)
    }

    /// The subnet of the circuit with this record.
    public static func subnet(_ interface: UInt16) -> Self { Self(STILE_NEXT_HOP_SUBNET, interface: interface) }

    /// The box's own address in a VRF.
    public static func receive(vrf: UInt16) -> Self { Self(STILE_NEXT_HOP_RECEIVE, interface: vrf) }

    /// Null0.
    public static func discard(vrf: UInt16) -> Self { Self(STILE_NEXT_HOP_DISCARD, interface: vrf) }

    /// Nothing that leads there now.
    public static func unreachable(vrf: UInt16) -> Self { Self(STILE_NEXT_HOP_UNREACHABLE, interface: vrf) }

    /// One of the members of the group with this number.
    public static func group(_ number: UInt32, vrf: UInt16) -> Self {
        Self(STILE_NEXT_HOP_GROUP, interface: vrf, label: number)
    }

    /// No route.
    public static var none: Self { @_noLocks @inlinable @inline(__always) get { Self(rawValue: 0) } }

    /// `stile_next_hop_kind`, 0 to 15.
    public var kind: UInt32 {
        @_noLocks @inlinable @inline(__always) get { UInt32(truncatingIfNeeded: rawValue >> 40) & 15 }
    }

    /// The far end's label, 20 bits; 0 where there is none.
    public var label: UInt32 { @_noLocks @inlinable @inline(__always) get { UInt32(rawValue & 0xF_FFFF) } }

    public var link: UInt32 { @_noLocks @inlinable @inline(__always) get { UInt32(rawValue >> 20 & 0xF_FFFF) } }

    /// The record of the interface that packets leave by; of a kind without one the number of the VRF.
    public var interface: UInt16 {
        @_noLocks @inlinable @inline(__always) get { UInt16(truncatingIfNeeded: rawValue >> 48) }
    }

    /// Whether it leads packets of a VRF to a neighbor: `circuit` or `labelled`.
    public var leadsToNeighbor: Bool {
        @_noLocks @inlinable @inline(__always) get {
            kind == STILE_NEXT_HOP_CIRCUIT.rawValue || kind == STILE_NEXT_HOP_LABELLED.rawValue
        }
    }

    /// Whether a label entry may name it, and no route.
    public var isSwap: Bool {
        @_noLocks @inlinable @inline(__always) get { kind == STILE_NEXT_HOP_SWAP.rawValue }
    }

    /// Whether the packet's flow decides where it leads; `group` is where then.
    public var isGroup: Bool {
        @_noLocks @inlinable @inline(__always) get { kind == STILE_NEXT_HOP_GROUP.rawValue }
    }

    /// The group's number, which has the label's place.
    public var group: UInt32 { @_noLocks @inlinable @inline(__always) get { label } }

    /// Whether it names an interface: `circuit`, `labelled`, `swap` or `subnet`.
    public var hasInterface: Bool {
        @_noLocks @inlinable @inline(__always) get {
            leadsToNeighbor || isSwap || kind == STILE_NEXT_HOP_SUBNET.rawValue
        }
    }

    /// By one bit, which no other kind has.
    public var isLabelled: Bool {
        @_noLocks @inlinable @inline(__always) get {
            rawValue & UInt64(STILE_NEXT_HOP_LABELLED.rawValue) << 40 != 0
        }
    }

    /// Whether it leads over the core to where another NNI is: what came in by one may not go there without transit.
    public var isMarked: Bool {
        @_noLocks @inlinable @inline(__always) get { rawValue & UInt64(STILE_NEXT_HOP_MARKED) != 0 }
    }

    /// Whether packets leave by it when its link has this adjacency: the neighbor's Ethernet address is known.
    @_noLocks @inlinable @inline(__always)
    public func leadsOut(by adjacency: UInt32) -> Bool {
        leadsToNeighbor && adjacency >= STILE_ADJACENCY_FIRST.rawValue
    }
}
