import Addressing

/// A way to the PEs of a prefix, as a labelled unicast route has it (RFC 8277).
public struct LabelledWay: Hashable, Sendable {
    public let nextHop: IPAddress
    /// What stands above the label that the PE gave, the outermost first; none for implicit null.
    public let labels: [MPLSLabel]

    public init(nextHop: IPAddress, labels: [MPLSLabel]) {
        self.nextHop = nextHop
        self.labels = labels
    }
}
