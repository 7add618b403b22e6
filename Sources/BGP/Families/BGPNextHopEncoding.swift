import Addressing

/// The next hop field of MP_REACH_NLRI.
extension NLRICodec {
    /// The octets in front of each address.
    private var distinguisherOctets: Int {
        switch layout {
        case .unicast, .labeledUnicast, .routeTargets, .multicastVPN, .evpn: 0
        case .vpn: 8
        }
    }

    /// `nil` when the length is not one that the family may have: one address of the family of the prefixes, or one or
    /// two IPv6 addresses (RFC 2545 §3, RFC 4659 §3.2.1), for IPv4 prefixes too (RFC 8950 §4); of what has none one address of
    /// either (RFC 4684 §4, RFC 6515 §2, RFC 7432 §7). The route distinguisher has
    /// no meaning here and is not looked at.
    ///
    /// - Parameter isExtended: whether a next hop of IPv6 was negotiated for the family. Of unicast IPv4 nothing else is
    ///   taken; labelled routes come with one from speakers that follow older documents, and their roles decide.
    func nextHop(from value: ArraySlice<UInt8>, isExtended: Bool) -> BGPNextHop? {
        guard isExtended || value.count == 4 || family != .ipv4Unicast else { return nil }
        guard value.count <= 16 || !takesAnyNextHop else { return nil }
        var reader = ByteReader(value)
        _ = reader.readOctets(distinguisherOctets)
        switch (value.count, addressFamily) {
        case (distinguisherOctets + 4, .ipv4):
            return reader.readUInt32().map { BGPNextHop(.ipv4(IPv4Address(rawValue: $0))) }
        case (distinguisherOctets + 16, _), (2 * (distinguisherOctets + 16), _):
            guard let address = reader.readOctets(16).flatMap(IPv6Address.init(octets:)) else { return nil }
            _ = reader.readOctets(distinguisherOctets)
            return BGPNextHop(.ipv6(address), linkLocal: reader.readOctets(16).flatMap(IPv6Address.init(octets:)))
        default: return nil
        }
    }

    /// The field: an IPv4 address is mapped into IPv6 for IPv6 prefixes (RFC 4659 §3.2.1.2, RFC 4798 §2), and a mapped
    /// one goes back to its IPv4 form for IPv4 prefixes.
    func value(of nextHop: BGPNextHop) -> [UInt8] {
        // RFC 6515 §1.1: nothing is mapped; RFC 4456 §10: what is goes on as it came.
        if isTyped { return nextHop.address.octets }
        let distinguisher = [UInt8](repeating: 0, count: distinguisherOctets)
        var writer = ByteWriter(distinguisher)
        switch (addressFamily, nextHop.resolvedAddress) {
        case (.ipv4, .ipv4(let address)):
            writer.write(address.rawValue)
            return writer.bytes
        case (.ipv6, .ipv4(let address)): writer.write(IPv6Address(mapping: address).octets)
        case (_, .ipv6(let address)): writer.write(address.octets)
        }
        if let linkLocal = nextHop.linkLocal {
            writer.write(distinguisher)
            writer.write(linkLocal.octets)
        }
        return writer.bytes
    }
}
