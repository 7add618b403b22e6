import Addressing

/// An `ip prefix-list` or `ipv6 prefix-list`: which routes are meant. The first entry that matches decides; a route
/// that none matches is denied.
public struct PrefixList: Equatable, Sendable {
    public let name: String
    public let family: AddressFamily
    /// In ascending order of their sequence numbers, at least one.
    public var entries: [PrefixListEntry] = []

    public init(name: String, family: AddressFamily) {
        self.name = name
        self.family = family
    }
}

/// One line of a prefix list.
public struct PrefixListEntry: Equatable, Sendable {
    public var sequence: UInt32
    public var permits: Bool
    /// A route lies in it …
    public var prefix: IPPrefix
    /// … and is at least this long (`ge`), …
    public var shortest: UInt8?
    /// … at most this (`le`). Without both it is the prefix itself; `ge` alone goes up to the longest there are.
    public var longest: UInt8?

    public init(sequence: UInt32, permits: Bool, prefix: IPPrefix, shortest: UInt8? = nil, longest: UInt8? = nil) {
        self.sequence = sequence
        self.permits = permits
        self.prefix = prefix
        self.shortest = shortest
        self.longest = longest
    }

    /// The lengths of the routes that it matches.
    public var lengths: ClosedRange<UInt8> {
        let lower = shortest ?? prefix.length
        let upper = longest ?? (shortest == nil ? prefix.length : prefix.family == .ipv4 ? 32 : 128)
        return lower...max(lower, upper)
    }
}
