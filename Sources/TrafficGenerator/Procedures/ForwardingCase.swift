/// Which label operation the packets of a stream ask of the device (RFC 5695 §6: a test for each).
public enum ForwardingCase: String, Codable, Hashable, Sendable, CaseIterable {
    /// An IP packet comes in and leaves with a label: attachment circuit to NNI.
    case labelPush = "mpls_label_push"
    /// A label comes in and an IP packet leaves, after a lookup in the VRF ("aggregate label"): NNI to circuit.
    case labelPop = "mpls_label_pop"
    /// Plain routing between circuits.
    case ip

    /// What a stream's own headers tell; where the packet leaves decides between push and plain routing, so that an
    /// unlabelled stream is taken as a push unless told otherwise.
    public init(_ stream: StreamProfile) { self = stream.labels.isEmpty ? .labelPush : .labelPop }
}
