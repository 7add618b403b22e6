/// Whose a label is: it means a VRF, and is told to one neighbor. So no two VRFs and no two neighbors share one.
public struct LabelOwner: Hashable, Sendable, Comparable {
    public let vrf: VRFIdentity
    public let neighbor: NeighborIdentity

    public init(vrf: VRFIdentity, neighbor: NeighborIdentity) {
        self.vrf = vrf
        self.neighbor = neighbor
    }

    public static func < (a: Self, b: Self) -> Bool { (a.vrf, a.neighbor) < (b.vrf, b.neighbor) }
}
