import Addressing

/// A neighbor that may not be told the common label of a VRF yet, as `show` presents it.
public struct CommonLabelWait: Hashable, Sendable {
    public let vrf: String
    public let neighbor: PeerAddress
    public let label: CommonLabel
    /// When its quarantine there is over; `nil`: it is in use for something else still.
    public let until: Instant?
    /// Whether the neighbor is told nothing of the VRF meanwhile.
    public let isWithoutLabel: Bool
}

extension RoutingTable {
    /// In the order of the VRFs and neighbors.
    public var commonLabelWaits: [CommonLabelWait] {
        labelling.meanings.waits.sorted { $0.key < $1.key }.compactMap { owner, wait in
            guard let vrf = owner.vrf?.name, let label = owner.subject.commonLabel else { return nil }
            let until: Instant? = if case .isInQuarantine(let until) = wait.obstacle { until } else { nil }
            return CommonLabelWait(
                vrf: vrf, neighbor: owner.neighbor.peer, label: label, until: until,
                isWithoutLabel: wait.meanwhile == nil)
        }
    }
}
