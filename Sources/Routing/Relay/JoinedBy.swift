import Addressing
import BGP

/// By what a relayed VPN route is joined (RFC 6514 §6, §7), as far as whoever sent it may say so.
extension PathAttributes.Contents {
    /// Takes off what another operator says of joins and may not: that a router of the own network takes them, where the number is that of
    /// another customer's VRF; and several of one kind, of which nobody knows which one counts.
    mutating func removeForeignJoins(isOwnRouter: (IPAddress) -> Bool) {
        let imports = extendedCommunities.filter { $0.vrfRouteImport != nil }
        let systems = extendedCommunities.filter(\.isSourceAutonomousSystem)
        let isOwn = imports.contains { $0.vrfRouteImport.map { isOwnRouter(.ipv4($0.provider)) } ?? false }
        guard isOwn || imports.count > 1 || systems.count > 1 else { return }
        extendedCommunities.removeAll { $0.vrfRouteImport != nil || $0.isSourceAutonomousSystem }
    }
}
