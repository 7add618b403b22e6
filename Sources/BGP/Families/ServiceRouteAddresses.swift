import Addressing

/// Customers' addresses in MVPN and EVPN routes.
extension EVPNRoute {
    /// To where packets of IP go by the route: the prefix (RFC 9136 §3.1), or the host behind a MAC address (RFC 7432 §7.2) where the route
    /// has a label of an IP-VRF beside that of the MAC-VRF; `nil` if they go nowhere by it.
    public func destination(_ attributes: EVPNRouteAttributes?) -> IPPrefix? {
        switch kind {
        case .ipPrefix:
            var reader = ByteReader(key.dropFirst(12))
            guard let bits = reader.readUInt8(), let address = IPAddress(networkOrder: reader.remaining) else {
                return nil
            }
            return IPPrefix(covering: address, length: Int(bits))
        case .macIPAdvertisement:
            guard labelFields(in: attributes).count > 1 else { return nil }
            // Distinguisher, tag, and a MAC address behind its length.
            var reader = ByteReader(key.dropFirst(19))
            guard reader.readUInt8() != nil, let address = IPAddress(networkOrder: reader.remaining) else { return nil }
            return IPPrefix(host: address)
        case .ethernetAutoDiscovery, .inclusiveMulticast, .ethernetSegment, .selectiveMulticast, .membershipReportSynch,
            .leaveSynch, .perRegionIPMSI, .selectivePMSI, .leafAutoDiscovery:
            return nil
        }
    }
}
