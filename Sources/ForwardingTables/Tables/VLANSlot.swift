import CTableLayout

/// What a VLAN identifier stands for on a port, as it is at one moment: an interface record, or another map for the inner
/// tag.
@frozen
public struct VLANSlot {
    @usableFromInline let rawValue: UInt32

    @inlinable @inline(__always)
    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Whether a frame's inner tag is to be read.
    @inlinable
    public var hasSecondLevel: Bool { @inline(__always) get { rawValue & STILE_VLAN_SECOND_LEVEL != 0 } }

    /// The interface record of a slot without a second level; 0: none.
    @inlinable
    public var interface: UInt32 { @inline(__always) get { rawValue } }

    /// The map of a slot with a second level.
    @inlinable
    var map: Int { @inline(__always) get { Int(rawValue & ~STILE_VLAN_SECOND_LEVEL) } }
}
