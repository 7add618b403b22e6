/// The ways of a packet that are measured.
enum Path: String, CaseIterable {
    /// Label in, label out, by another NNI: a VRF with transit.
    case nniToNNI = "nni-nni"
    /// Label in, out of an attachment circuit.
    case nniToCircuit = "nni-ac"
    /// In on an attachment circuit, label out.
    case circuitToNNI = "ac-nni"

    var isLabelledAtIngress: Bool { self != .circuitToNNI }
    var isLabelledAtEgress: Bool { self != .nniToCircuit }
}
