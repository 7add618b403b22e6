import Synchronization

/// The connections that stand, each with the task that serves it.
///
/// A client above the limit takes the place of the one that has been idle for the longest: whoever only holds its
/// connection shuts nobody out. It is refused while all others wait for answers or have something kept for them.
final class ServedConnections: Sendable {
    private struct Served {
        let task: Task<Void, Never>
        let session: ControlSession
        /// Since when no request of it is being carried out; `nil` while one is.
        var idleSince: ContinuousClock.Instant?
    }

    private struct State {
        var isClosing = false
        var nextNumber = 0
        var served: [Int: Served] = [:]
        /// Those that had to make room or are refused, until they have ended.
        var ending: [Int: Task<Void, Never>] = [:]
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Starts the task of a new connection; it is told its number, or `nil` that there are too many.
    func start(_ session: ControlSession, _ serve: @escaping @Sendable (_ number: Int?) async -> Void) {
        state.withLock { state in
            let number = state.nextNumber
            state.nextNumber += 1
            if state.served.count >= limit { Self.makeRoom(in: &state) }
            let isAdmitted = state.served.count < limit
            let task = Task {
                await serve(isAdmitted ? number : nil)
                self.state.withLock {
                    $0.served[number] = nil
                    $0.ending[number] = nil
                }
            }
            if state.isClosing { task.cancel() }
            if isAdmitted {
                state.served[number] = Served(task: task, session: session, idleSince: .now)
            } else {
                state.ending[number] = task
            }
        }
    }

    private static func makeRoom(in state: inout State) {
        let idle = state.served.filter { !$0.value.session.isKept }.compactMap { number, served in
            served.idleSince.map { (number, $0) }
        }
        guard let (number, _) = idle.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }),
            let task = state.served.removeValue(forKey: number)?.task
        else { return }
        state.ending[number] = task
        task.cancel()
    }

    /// Says that a connection's request is being carried out, or that its answer is on its way.
    func note(_ number: Int, isBusy: Bool) {
        state.withLock { $0.served[number]?.idleSince = isBusy ? nil : .now }
    }

    /// Ends all connections, also those that are being accepted now.
    func close() async {
        let tasks = state.withLock { state in
            state.isClosing = true
            return state.served.values.map(\.task) + state.ending.values
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }
}
