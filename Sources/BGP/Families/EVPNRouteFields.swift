import Addressing

/// What an EVPN route has beside its key: segment and gateway.
extension EVPNRoute {
    /// The Ethernet segment that a MAC address or a prefix is behind (RFC 7432 §7.2, RFC 9136 §3.1); `nil` for zero, which is none, and
    /// where the segment identifies the route.
    public func segment(in attributes: EVPNRouteAttributes?) -> EthernetSegment? {
        guard kind == .macIPAdvertisement || kind == .ipPrefix, let octets = attributes?.octets.prefix(10),
            octets.count == 10, octets.contains(where: { $0 != 0 })
        else { return nil }
        return EthernetSegment(octets)
    }

    /// The address by which a prefix is reached in its broadcast domain (RFC 9136 §3.1); `nil` for zero, which is none.
    public func gateway(in attributes: EVPNRouteAttributes?) -> IPAddress? {
        guard kind == .ipPrefix, let octets = attributes?.octets.dropFirst(10).dropLast(3),
            octets.contains(where: { $0 != 0 })
        else { return nil }
        return IPAddress(networkOrder: octets)
    }
}
