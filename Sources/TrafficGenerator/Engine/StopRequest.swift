import CTableLayout

/// Set once, from any thread, when the user wants the run to end.
public final class StopRequest: @unchecked Sendable {
    private let flag: UnsafeMutablePointer<UInt32>

    public init() {
        flag = .allocate(capacity: 1)
        flag.initialize(to: 0)
    }

    deinit { flag.deallocate() }

    public func ask() { stile_store_release_u32(flag, 1) }

    public var isAsked: Bool { stile_load_acquire_u32(flag) != 0 }
}
