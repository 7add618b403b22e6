import Addressing

/// How deep the stacks of a labelled unicast neighbor's prefixes may be: Option C (RFC 4364 §10 c).
public struct LabelledDepths: Hashable, Sendable {
    /// A prefix list of a depth: how many labels there may be, that of the prefix counted.
    public struct List: Hashable, Sendable {
        public let depth: UInt8
        public let filter: PrefixFilter

        public init(depth: UInt8, filter: PrefixFilter) {
            self.depth = depth
            self.filter = filter
        }
    }

    /// The lists for what it gives, the least deep first.
    public var imported: [List] = []
    /// Those for what it is given.
    public var exported: [List] = []

    public init() {}

    /// What has to stand under the label of a prefix; `nil`: no list has the prefix.
    static func stack(of prefix: IPPrefix, in lists: [List]) -> SwappedStack? {
        // What the least deep list has is told apart by that: a reflector may be in a list of all loopbacks as well.
        guard let depth = lists.first(where: { $0.filter.permits(prefix) })?.depth else { return nil }
        let isHost = Int(prefix.length) == prefix.family.bits
        // RFC 4798: under the label of an IPv6 prefix is its packet.
        if prefix.family == .ipv6, !isHost, depth <= usual { return .ipv6Packet }
        return depth < usual ? .session : depth == usual ? .label : .labelWithEntropy
    }

    /// A PE's: its label and the one that it gave.
    private static let usual: UInt8 = 2
}
