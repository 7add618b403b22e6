import Addressing

/// A label for one neighbor: packets with it are taken on the neighbor's NNI, and nowhere else, and belong to the VRF or go
/// on by the next hop that is its subject.
public struct LabelBinding: Hashable, Sendable {
    public let owner: LabelOwner
    public let label: MPLSLabel

    public init(owner: LabelOwner, label: MPLSLabel) {
        self.owner = owner
        self.label = label
    }

    /// The label above it in packets that names its space; `nil`: it stands alone.
    public var context: MPLSLabel? { owner.subject.commonLabel?.context }
    /// The name of the VRF; `nil` for a relay's label.
    public var vrf: String? { owner.vrf?.name }
    /// The name of the NNI.
    public var nni: String { owner.neighbor.nni }
    /// The neighbor that is told the label, the only one that may send by it.
    public var neighbor: PeerAddress { owner.neighbor.peer }
}

/// When a label that was valid may become invalid.
public enum LabelRemoval: Hashable, Sendable {
    /// Nobody may use it: its neighbor is shut down or another, or its session is over for good.
    case atOnce
    /// The withdrawals have been handed out: when the neighbor has read them.
    case whenWithdrawalsAreRead
}
