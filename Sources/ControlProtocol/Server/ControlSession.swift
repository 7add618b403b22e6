import Synchronization

/// A connection as those see it who answer its requests: what they keep for it ends with it.
public final class ControlSession: Sendable {
    private struct State {
        var hasEnded = false
        var endings: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Has something done when the connection ends; at once if it has. Until then it may be idle for as long as it likes,
    /// and makes room for no other.
    public func keep(untilEnd ending: @escaping @Sendable () -> Void) {
        let hasEnded = state.withLock { state in
            if !state.hasEnded { state.endings.append(ending) }
            return state.hasEnded
        }
        if hasEnded { ending() }
    }

    /// Whether something is kept for it.
    var isKept: Bool { state.withLock { !$0.endings.isEmpty } }

    public func end() {
        let endings = state.withLock { state in
            state.hasEnded = true
            defer { state.endings = [] }
            return state.endings
        }
        for ending in endings { ending() }
    }
}

extension ControlSession: Hashable {
    public static func == (one: ControlSession, other: ControlSession) -> Bool { one === other }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
