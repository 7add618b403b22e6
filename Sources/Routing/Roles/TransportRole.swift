import Addressing
import BGP

/// The rules for routers of the operator's own network that say how PEs are reached (RFC 8277): which of their labelled unicast
/// routes may be used, and how they are told of the box's own addresses.
enum TransportRole {
    /// What is wrong with a route beside its attributes, which have to be those of an internal neighbor; `nil` if nothing.
    /// - Parameter mayHaveSeveralLabels: whether the session by which it came has the Multiple Labels capability.
    static func rejection(
        of nlri: NLRI, _ labels: LabelStack?, from neighbor: NeighborInputs, mayHaveSeveralLabels: Bool
    ) -> RouteRejection? {
        let prefix = nlri.prefix
        // 1. RFC 8277 §2.1: as many labels as we have said, and a packet has room for; otherwise one.
        guard let labels = labels?.labels, labels.count <= ReceivedLabels.most else { return .tooManyLabels }
        guard labels.count == 1 || mayHaveSeveralLabels else { return .moreThanOneLabel }
        // 2. RFC 3032 §2.1: explicit null of the prefix's family and implicit null are labels like others here; the rest of
        //    0 to 15 is for no router to give.
        let nulls = [MPLSLabel.implicitNull, .explicitNull(prefix.family)]
        guard labels.allSatisfy({ !$0.isReserved || nulls.contains($0) }) else { return .reservedLabel }
        // 3. PEs have unicast addresses.
        return neighbor.acceptsMartians ? nil : MartianPrefix.rejection(of: prefix)
    }

    /// How a neighbor is told of an own address; `nil`: its lists or maps refuse that.
    static func announcement(
        of prefix: IPPrefix, to neighbor: NeighborState, _ family: SessionFamily, _ settings: NeighborInputs.Family
    ) -> AdjRIBOut.Route? {
        guard settings.exportFilter.permits(prefix) else { return nil }
        var attributes = Self.ownAttributes
        if let policy = neighbor.exportPolicy(in: family) {
            guard case .permitted(let changed, _) = policy.verdict(on: prefix, attributes) else { return nil }
            attributes = changed
        }
        var contents = attributes.contents
        contents.nextHop = InternalRole.nextHop(family, to: neighbor)
        contents.localPreference = contents.localPreference ?? InternalRole.usualLocalPreference
        // With implicit null the router before us pops: what arrives has the label of a VRF on top. With explicit null (RFC
        // 4182) that stands below.
        return AdjRIBOut.Route(
            attributes: PathAttributes(contents),
            label: settings.isToldExplicitNull ? .explicitNull(prefix.family) : .implicitNull, isOwnLabel: true)
    }

    /// RFC 4271 §5.1.1: what is the box's own began here.
    static let ownAttributes = PathAttributes(origin: .igp)
}
