import Addressing

/// The addresses of an IP packet of either version, without a look at the rest.
enum IPHeader {
    /// `nil` if the packet is too short or of no known version.
    static func addresses(of packet: [UInt8]) -> (source: IPAddress, destination: IPAddress)? {
        switch packet.first.map({ $0 >> 4 }) {
        case 4:
            guard packet.count >= 20 else { return nil }
            return (
                .ipv4(IPv4Address(packet[12], packet[13], packet[14], packet[15])),
                .ipv4(IPv4Address(packet[16], packet[17], packet[18], packet[19]))
            )
        case 6:
            guard packet.count >= 40, let source = IPv6Address(octets: packet[8..<24]),
                let destination = IPv6Address(octets: packet[24..<40])
            else { return nil }
            return (.ipv6(source), .ipv6(destination))
        default: return nil
        }
    }
}
