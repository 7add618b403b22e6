import CTableLayout

/// The words through which the main thread and one worker speak, each on a cache line of its own.
struct WorkerMailbox: @unchecked Sendable {
    private static let lineBytes = 64
    private let memory: UnsafeMutableRawPointer

    init() {
        memory = .allocate(byteCount: 4 * Self.lineBytes, alignment: Self.lineBytes)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: 4 * Self.lineBytes)
    }

    func deallocate() { memory.deallocate() }

    /// The assignment that the worker is to use.
    var published: UnsafeMutablePointer<WorkerAssignment>? {
        @_noLocks get { UnsafeMutablePointer(bitPattern: UInt(stile_load_acquire_u64(word(0)))) }
    }

    func publish(_ assignment: UnsafeMutablePointer<WorkerAssignment>) {
        stile_store_release_u64(word(0), UInt64(UInt(bitPattern: assignment)))
    }

    /// Whether the worker has said that it uses this assignment, and so no older one.
    func hasAdopted(_ assignment: UnsafeMutablePointer<WorkerAssignment>) -> Bool {
        stile_load_acquire_u64(word(1)) == UInt64(UInt(bitPattern: assignment))
    }

    @_noLocks
    func adopt(_ assignment: UnsafeMutablePointer<WorkerAssignment>) {
        stile_store_release_u64(word(1), UInt64(UInt(bitPattern: assignment)))
    }

    /// The worker is to say when it is between two turns, by this number.
    func askForPause(_ number: UInt64) { stile_store_release_u64(word(0) + 1, number) }

    /// Whether the worker has been between two turns after it was asked with this number. What was unpublished before
    /// is not looked at any more.
    func hasPaused(_ number: UInt64) -> Bool { stile_load_acquire_u64(word(1) + 1) >= number }

    /// Between two turns, by the worker: answers.
    @_noLocks
    func pause() {
        let asked = stile_load_acquire_u64(word(0) + 1)
        if asked != stile_load_relaxed_u64(word(1) + 1) { stile_store_release_u64(word(1) + 1, asked) }
    }

    /// How many places of a hash are to stay with the worker (`WorkerSpread.ownPlaces`).
    var wantedOwnPlaces: Int {
        @_noLocks get { Int(truncatingIfNeeded: stile_load_relaxed_u64(word(0) + 2)) }
    }
    func want(ownPlaces: Int) { stile_store_relaxed_u64(word(0) + 2, UInt64(clamping: ownPlaces)) }

    /// How many do.
    var ownPlaces: Int { Int(truncatingIfNeeded: stile_load_relaxed_u64(word(1) + 2)) }

    @_noLocks
    func report(ownPlaces: Int) { stile_store_relaxed_u64(word(1) + 2, UInt64(truncatingIfNeeded: ownPlaces)) }

    func askToStop() { stile_store_release_u64(word(2), 1) }

    var isAskedToStop: Bool {
        @_noLocks get { stile_load_acquire_u64(word(2)) != 0 }
    }

    /// The outcome of the thread's own preparations: 0, or an errno.
    func reportStart(errno code: Int32) { stile_store_release_u64(word(3), UInt64(UInt32(bitPattern: code)) + 1) }

    /// `nil` until the thread has begun; then 0 or an errno.
    var start: Int32? {
        let value = stile_load_acquire_u64(word(3))
        return value == 0 ? nil : Int32(truncatingIfNeeded: value - 1)
    }

    @_noLocks
    private func word(_ line: Int) -> UnsafeMutablePointer<UInt64> {
        (memory + line &* Self.lineBytes).assumingMemoryBound(to: UInt64.self)
    }
}
