/// One field of the packets' owners (`Burst.owner`): an array whose elements are eight octets apart.
@frozen
public struct OwnerField<Value: BitwiseCopyable> {
    @usableFromInline let first: UnsafeMutableRawPointer

    @inlinable @inline(__always)
    init(_ first: UnsafeMutableRawPointer) { self.first = first }

    @inlinable @inline(__always)
    public subscript(index: Int) -> Value {
        get { first.load(fromByteOffset: index &* 8, as: Value.self) }
        nonmutating set { first.storeBytes(of: newValue, toByteOffset: index &* 8, as: Value.self) }
    }
}
