import Addressing

/// A prefix list as routing applies it: the first entry that matches decides, and what none matches is refused.
public struct PrefixFilter: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let permits: Bool
        /// Matches what lies inside it …
        public let prefix: IPPrefix
        /// … and is as long as this.
        public let lengths: ClosedRange<UInt8>

        public init(permits: Bool, prefix: IPPrefix, lengths: ClosedRange<UInt8>) {
            self.permits = permits
            self.prefix = prefix
            self.lengths = lengths
        }
    }

    private let entries: [Entry]
    /// What one of these permits is permitted as well.
    private let others: [PrefixFilter]

    public init(_ entries: [Entry]) {
        self.entries = entries
        others = []
    }

    /// What any of them permits; `nil` without one.
    public init?(anyOf filters: [PrefixFilter]) {
        guard let first = filters.first else { return nil }
        entries = first.entries
        others = first.others + filters.dropFirst()
    }

    func permits(_ prefix: IPPrefix) -> Bool {
        if entries.first(where: { $0.lengths.contains(prefix.length) && $0.prefix.contains(prefix) })?.permits == true {
            return true
        }
        return others.contains { $0.permits(prefix) }
    }

    /// The addresses that entries name one by one, and the list permits.
    var namedHosts: [IPAddress] {
        let own = entries.filter { $0.permits && Int($0.prefix.length) == $0.prefix.family.bits && permits($0.prefix) }
        return own.map(\.prefix.address) + others.flatMap(\.namedHosts)
    }
}

extension PrefixFilter? {
    /// Without a list everything is permitted.
    func permits(_ prefix: IPPrefix) -> Bool { self?.permits(prefix) ?? true }

    /// Whether it may permit what `former` refused.
    func mayPermitMore(than former: PrefixFilter?) -> Bool { former != nil && self != former }
}
