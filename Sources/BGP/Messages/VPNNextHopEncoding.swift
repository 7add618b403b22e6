import Addressing

/// The next hop field of MP_REACH_NLRI for VPN routes: 12, 24 or 48 octets.
extension VPNNextHop {
    /// `nil` when the length is not one that the family may have: 12 octets for VPN-IPv4 (RFC 4364 §4.3.2), 24 or 48
    /// for VPN-IPv6 (RFC 4659 §3.2.1) and for VPN-IPv4 with an IPv6 next hop (RFC 8950 §4). The route distinguisher
    /// has no meaning here and is not looked at.
    init?(value: ArraySlice<UInt8>, family: AddressFamily) {
        var reader = ByteReader(value)
        _ = reader.readUInt64()
        switch (value.count, family) {
        case (12, .ipv4):
            guard let address = reader.readUInt32() else { return nil }
            self.init(.ipv4(IPv4Address(rawValue: address)))
        case (24, _), (48, _):
            guard let address = reader.readOctets(16).flatMap(IPv6Address.init(octets:)) else { return nil }
            _ = reader.readUInt64()
            self.init(.ipv6(address), linkLocal: reader.readOctets(16).flatMap(IPv6Address.init(octets:)))
        default: return nil
        }
    }

    /// The field for routes of `family`: an IPv4 address is mapped into IPv6 for VPN-IPv6 (RFC 4659 §3.2.1.2), and a
    /// mapped one goes back to its IPv4 form for VPN-IPv4.
    func value(family: AddressFamily) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt64(0))
        switch (family, resolvedAddress) {
        case (.ipv4, .ipv4(let address)):
            writer.write(address.rawValue)
            return writer.bytes
        case (.ipv6, .ipv4(let address)): writer.write(IPv6Address(mapping: address).octets)
        case (_, .ipv6(let address)): writer.write(address.octets)
        }
        if let linkLocal {
            writer.write(UInt64(0))
            writer.write(linkLocal.octets)
        }
        return writer.bytes
    }
}
