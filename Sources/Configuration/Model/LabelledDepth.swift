/// How many labels a packet may have that comes by the label of a labelled unicast prefix, that one counted: Option C (RFC 4364
/// §10 c).
public enum LabelledDepth: UInt8, Hashable, Sendable, CaseIterable, Comparable {
    /// Its own alone: route reflectors, to which BGP and ICMP go and nothing else, and labelled IPv6 prefixes (RFC 4798).
    case one = 1
    /// A PE's, and under it the one that the PE gave.
    case two = 2
    /// The same, or under these the entropy label indicator and an entropy label (RFC 6790).
    case four = 4

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
