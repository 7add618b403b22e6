import Addressing

/// What one run of the engine has said until now: its next hops, its routes and its label bindings.
///
/// Routes and next hops may come in either order: a route whose next hop is not known leads nowhere until it is.
public struct EngineTable: Sendable {
    public private(set) var routes: [IPPrefix: EngineRoute] = [:]
    public private(set) var bindings: [MPLSLabel: [EngineLeg]] = [:]
    private var nextHops: [UInt32: EngineNextHop] = [:]
    /// By number of a next hop, the prefixes whose routes name it.
    private var users: [UInt32: Set<IPPrefix>] = [:]
    /// By number of a next hop, the groups that it is in.
    private var groups: [UInt32: Set<UInt32>] = [:]
    /// Prefixes that something has been said of, or whose next hops have changed, since that was last asked.
    private var changed: Set<IPPrefix> = []

    /// Groups may hold groups; FRR's do not.
    private static let deepestGroup = 4

    public init() {}

    public mutating func apply(_ message: EngineMessage) {
        switch message {
        case .nextHop(let number, let nextHop): set(nextHop, number)
        case .route(let prefix, let route): set(route, prefix)
        case .binding(let label, let legs): bindings[label] = legs
        case .other: break
        }
    }

    /// The prefixes to which something else may lead now, since this was last called; those that were said again are among
    /// them.
    public mutating func takeChanges() -> Set<IPPrefix> {
        defer { changed = [] }
        return changed
    }

    /// The ways that a prefix's route has; none where packets are dropped, or its next hop is not known.
    public func legs(to prefix: IPPrefix) -> [EngineLeg] {
        switch routes[prefix]?.target {
        case nil: []
        case .legs(let legs): legs
        case .nextHop(let number): legs(by: number)
        }
    }

    /// Each next hop counts once, however often groups name it: a message may hold thousands of members.
    private func legs(by first: UInt32) -> [EngineLeg] {
        var seen: Set<UInt32> = [first]
        var found: [EngineLeg] = []
        var level = [first]
        for _ in 0...Self.deepestGroup where !level.isEmpty {
            var next: [UInt32] = []
            for number in level {
                switch nextHops[number] {
                case nil, .nowhere: break
                case .leg(let leg): found.append(leg)
                case .group(let members): next += members.filter { seen.insert($0).inserted }
                }
            }
            level = next
        }
        return found
    }

    private mutating func set(_ nextHop: EngineNextHop?, _ number: UInt32) {
        let former = nextHops.updateOrRemove(number, nextHop)
        guard former != nextHop else { return }
        if case .group(let members)? = former {
            for member in members {
                groups[member]?.remove(number)
                if groups[member]?.isEmpty == true { groups[member] = nil }
            }
        }
        if case .group(let members)? = nextHop {
            for member in members { groups[member, default: []].insert(number) }
        }
        noteChange(of: number)
    }

    private mutating func noteChange(of first: UInt32) {
        var seen: Set<UInt32> = [first]
        var level = [first]
        for _ in 0...Self.deepestGroup where !level.isEmpty {
            var next: [UInt32] = []
            for number in level {
                changed.formUnion(users[number] ?? [])
                for group in groups[number] ?? [] where seen.insert(group).inserted { next.append(group) }
            }
            level = next
        }
    }

    private mutating func set(_ route: EngineRoute?, _ prefix: IPPrefix) {
        if case .nextHop(let number)? = routes[prefix]?.target {
            users[number]?.remove(prefix)
            if users[number]?.isEmpty == true { users[number] = nil }
        }
        routes[prefix] = route
        if case .nextHop(let number)? = route?.target { users[number, default: []].insert(prefix) }
        changed.insert(prefix)
    }
}

extension Dictionary {
    /// Puts a value in, or takes it out for `nil`; returns what was there.
    fileprivate mutating func updateOrRemove(_ key: Key, _ value: Value?) -> Value? {
        guard let value else { return removeValue(forKey: key) }
        return updateValue(value, forKey: key)
    }
}
