import Addressing

/// What a segmentation point has to know of tunnels and of the answers of leaves (RFC 6514 §9.2.3, RFC 7524 §6).
extension MulticastVPNRoute {
    /// The octets behind type and length.
    package var octets: [UInt8] { key }

    /// The Leaf A-D route by which a router answers this one (RFC 6514 §4.4, §9.2.3.4.1): the route whole, and its address. `nil` for one
    /// that nobody answers so.
    public func answer(of router: IPAddress) -> MulticastVPNRoute? {
        guard NLRI.multicastVPN(self).announcesTunnel, let length = UInt8(exactly: key.count) else { return nil }
        return MulticastVPNRoute(family, .leafAutoDiscovery, ([kind.rawValue, length] + key + router.octets)[...])
    }
}

extension PMSITunnel {
    /// Whether the tunnel is ingress replication to the leaves that answer, each by the label that its answer says (RFC 6514 §5, §12.1).
    public var asksForLabels: Bool {
        kind == .ingressReplication && !isComposite && flags.contains(.leafInformationRequired) && labelField >> 4 == 0
    }

    /// What a router answers with: that it is to be sent copies under the label (RFC 6514 §9.2.3.4.1).
    public init(replicationTo router: IPAddress, label: MPLSLabel) {
        self.init(
            typeCode: Kind.ingressReplication.rawValue, labelField: label.rawValue << 4, identifier: router.octets)
    }
}
