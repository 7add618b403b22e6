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

    public init(_ entries: [Entry]) { self.entries = entries }

    func permits(_ prefix: IPPrefix) -> Bool {
        entries.first { $0.lengths.contains(prefix.length) && $0.prefix.contains(prefix) }?.permits ?? false
    }
}

extension PrefixFilter? {
    /// Without a list everything is permitted.
    func permits(_ prefix: IPPrefix) -> Bool { self?.permits(prefix) ?? true }

    /// Whether it may permit what `former` refused.
    func mayPermitMore(than former: PrefixFilter?) -> Bool { former != nil && self != former }
}
