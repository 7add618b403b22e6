/// The ways of a packet that are measured.
enum Path: String, CaseIterable {
    /// Label in, label out, by another NNI: a VRF with transit.
    case nniToNNI = "nni-nni"
    /// Label in, out of an attachment circuit.
    case nniToCircuit = "nni-ac"
    /// In on an attachment circuit, label out.
    case circuitToNNI = "ac-nni"
    /// Label in, out into the core under a transport's label: a VRF without transit.
    case nniToCore = "nni-core"
    /// In from the core with a VRF's label, the transport's having been popped, label out by an NNI.
    case coreToNNI = "core-nni"
    /// Label in, another label out by another NNI, without a VRF (Option B).
    case swap
    /// Label in, out of an attachment circuit by the next hop that the label has: no lookup.
    case pop
    /// Two labels in, of which the first names the table that has the second; out of an attachment circuit.
    case context
    /// Label in, label out by one of four next hops of a group (`maximum-paths 4`), by the packet's flow.
    case ecmp

    var isLabelledAtIngress: Bool { self != .circuitToNNI }
    /// Whether it is measured with services, too, and with captures of customers' frames.
    var takesServices: Bool { !isOfCore && ![.swap, .pop, .context, .ecmp].contains(self) }
    /// Whether the core has a part in it.
    var isOfCore: Bool { self == .nniToCore || self == .coreToNNI }

    /// Where packets come in.
    var ingressPort: UInt16 {
        switch self {
        case .nniToNNI, .nniToCircuit, .nniToCore, .swap, .pop, .context, .ecmp: PortPlan.ingressNNI
        case .circuitToNNI: PortPlan.circuits
        case .coreToNNI: PortPlan.core
        }
    }
}
