/// Whose a label is: it means one thing, and is told to one neighbor. So no two VRFs, no two relayed next hops and no two
/// neighbors share one.
public struct LabelOwner: Hashable, Sendable, Comparable {
    public let subject: LabelSubject
    public let neighbor: NeighborIdentity

    public init(_ subject: LabelSubject, neighbor: NeighborIdentity) {
        self.subject = subject
        self.neighbor = neighbor
    }

    public init(vrf: VRFIdentity, neighbor: NeighborIdentity) { self.init(.vrf(vrf), neighbor: neighbor) }

    /// `nil` for a relay's.
    public var vrf: VRFIdentity? { subject.vrf }

    public static func < (a: Self, b: Self) -> Bool { (a.subject, a.neighbor) < (b.subject, b.neighbor) }
}
