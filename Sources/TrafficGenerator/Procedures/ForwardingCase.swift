/// Which label operation the packets of a stream ask of the device (RFC 5695 §6: a test for each).
public enum ForwardingCase: String, Codable, Hashable, Sendable, CaseIterable {
    /// An IP packet comes in and leaves with a label: attachment circuit to NNI.
    case labelPush = "mpls_label_push"
    /// A label comes in and an IP packet leaves, after a lookup in the VRF ("aggregate label"): NNI to circuit.
    case labelPop = "mpls_label_pop"

    /// By what the stream's packets come with. A swap (the remaining case of RFC 5695) does not occur: in a VRF with
    /// transit a label is popped, the packet is routed and gets a new label, which is counted as a pop here.
    public init(_ stream: StreamProfile) { self = stream.labels.isEmpty ? .labelPush : .labelPop }
}
