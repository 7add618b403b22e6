import Addressing

/// A VRF's label on one NNI: packets with the label are taken there, and nowhere else, for packets of the VRF.
public struct LabelBinding: Hashable, Sendable {
    public let vrf: String
    public let nni: String
    public let label: MPLSLabel

    public init(vrf: String, nni: String, label: MPLSLabel) {
        self.vrf = vrf
        self.nni = nni
        self.label = label
    }
}
