/// A worker's working memory for the burst lookup: allocated once, used by one thread.
@frozen
public struct FIBScratch: @unchecked Sendable {
    public let capacity: Int
    /// What is left of each address, left-aligned. Both families share the memory.
    public let ipv4Keys: UnsafeMutablePointer<UInt64>
    public let ipv6Keys: UnsafeMutablePointer<UInt128>
    public let references: UnsafeMutablePointer<FIBReference>
    /// Indices of the packets that are not at the end of their way yet.
    public let active: UnsafeMutablePointer<UInt16>

    /// Memory for bursts of up to `capacity` packets (1 to 65,535), freed by `deallocate`.
    public init(capacity: Int) {
        self.capacity = capacity
        let keys = UnsafeMutableRawPointer.allocate(byteCount: capacity * 16, alignment: 64)
        ipv6Keys = keys.initializeMemory(as: UInt128.self, repeating: 0, count: capacity)
        ipv4Keys = keys.bindMemory(to: UInt64.self, capacity: capacity * 2)
        references = .allocate(capacity: capacity)
        references.initialize(repeating: .none, count: capacity)
        active = .allocate(capacity: capacity)
        active.initialize(repeating: 0, count: capacity)
    }

    public func deallocate() {
        UnsafeMutableRawPointer(ipv6Keys).deallocate()
        references.deallocate()
        active.deallocate()
    }
}
