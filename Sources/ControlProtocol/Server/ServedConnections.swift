import Synchronization

/// The connections that stand, each with the task that serves it.
final class ServedConnections: Sendable {
    private struct State {
        var isClosing = false
        var nextNumber = 0
        var tasks: [Int: Task<Void, Never>] = [:]
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Starts the task of a new connection; it is told whether the connection is within the limit.
    func start(_ serve: @escaping @Sendable (_ isAdmitted: Bool) async -> Void) {
        state.withLock { state in
            let number = state.nextNumber
            state.nextNumber += 1
            let isAdmitted = state.tasks.count < limit
            let task = Task {
                await serve(isAdmitted)
                self.state.withLock { $0.tasks[number] = nil }
            }
            if state.isClosing { task.cancel() }
            state.tasks[number] = task
        }
    }

    /// Ends all connections, also those that are being accepted now.
    func close() async {
        let tasks = state.withLock { state in
            state.isClosing = true
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }
}
