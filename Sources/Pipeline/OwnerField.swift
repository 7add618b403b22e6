/// One number of the packets' owners (`Burst.owner`): an array whose elements are eight octets apart. Not generic, nor is
/// `OwnerFlags`: an unspecialised generic may allocate, so that a debug build could not have it in the packet path.
@frozen
public struct OwnerField {
    @usableFromInline let first: UnsafeMutableRawPointer

    @_noLocks @inlinable @inline(__always)
    init(_ first: UnsafeMutableRawPointer) { self.first = first }

    @inlinable @inline(__always)
    public subscript(index: Int) -> UInt16 {
        @_noLocks get { first.load(fromByteOffset: index &* 8, as: UInt16.self) }
        @_noLocks nonmutating set { first.storeBytes(of: newValue, toByteOffset: index &* 8, as: UInt16.self) }
    }
}

/// The flags of the packets' owners.
@frozen
public struct OwnerFlags {
    @usableFromInline let first: UnsafeMutableRawPointer

    @_noLocks @inlinable @inline(__always)
    init(_ first: UnsafeMutableRawPointer) { self.first = first }

    @inlinable @inline(__always)
    public subscript(index: Int) -> PacketFlags {
        @_noLocks get { PacketFlags(rawValue: first.load(fromByteOffset: index &* 8, as: UInt8.self)) }
        @_noLocks nonmutating set {
            first.storeBytes(of: newValue.rawValue, toByteOffset: index &* 8, as: UInt8.self)
        }
    }
}
