import Addressing
import BGP

/// Whether a received route may be used at all (the third control-plane rule of Option E).
enum RouteValidity {
    /// What is wrong with the attributes; `nil` if nothing.
    static func rejection(
        of attributes: PathAttributes, from neighbor: NeighborInputs, autonomousSystem: UInt32
    ) -> RouteRejection? {
        // 1. Packets go to the neighbor itself, over the link that its label is checked on. The IPv4-mapped form
        //    (RFC 4659 §3.2.1.2) is the same address.
        guard attributes.nextHop?.resolvedAddress == neighbor.address else { return .nextHopNotNeighbor }
        // 2. RFC 4271 §6.3: the neighbor puts its own AS in front.
        guard attributes.asPath.first == neighbor.remoteAutonomousSystem else { return .asPathNotFromNeighbor }
        // 3. RFC 4271 §9.1.2.
        guard !attributes.asPath.contains(autonomousSystem) else { return .asPathLoop }
        // 4. RFC 9774 §3.
        guard neighbor.acceptsASSets || !attributes.asPath.hasSet else { return .asSet }
        return nil
    }

    /// What is wrong with the route beside its attributes; `nil` if nothing.
    static func rejection(
        of route: VPNPrefix, _ labels: LabelStack, from neighbor: NeighborInputs
    ) -> RouteRejection? {
        rejection(of: labels) ?? (neighbor.acceptsMartians ? nil : MartianPrefix.rejection(of: route.prefix))
    }

    private static func rejection(of labels: LabelStack) -> RouteRejection? {
        guard let label = labels.onlyLabel else { return .moreThanOneLabel }
        return label.isReserved ? .reservedLabel : nil
    }
}
