import Addressing

/// An IPv6 packet that carries a neighbor discovery message.
public struct NeighborDiscoveryPacket: Equatable, Sendable {
    /// RFC 4861 §7.1: a packet with another hop limit has come over a router.
    public static let hopLimit: UInt8 = 255

    public var source: IPv6Address
    public var destination: IPv6Address
    public var message: NeighborDiscoveryMessage

    public init(source: IPv6Address, destination: IPv6Address, message: NeighborDiscoveryMessage) {
        self.source = source
        self.destination = destination
        self.message = message
    }

    /// Reads an IPv6 packet, from its header on; what pads it is ignored. `nil` unless it passes the checks of
    /// RFC 4861 §6.1 and §7.1: hop limit, code, checksum, length, no option of length zero, target not multicast, and
    /// no link-layer address from the unspecified address.
    public init?(parsing packet: some Collection<UInt8>) {
        var reader = OctetReader(packet)
        guard let firstWord = reader.uint32(), firstWord >> 28 == 6, let payloadLength = reader.uint16(),
            reader.uint8() == IPProtocol.icmpv6, reader.uint8() == Self.hopLimit, let source = reader.uint128(),
            let destination = reader.uint128(), let body = reader.octets(Int(payloadLength)), body.count >= 8
        else { return nil }
        self.source = IPv6Address(rawValue: source)
        self.destination = IPv6Address(rawValue: destination)
        guard ICMPv6Message.hasCorrectChecksum(body, source: self.source, destination: self.destination),
            let message = NeighborDiscoveryMessage(parsing: body)
        else { return nil }
        self.message = message
        guard source != 0 || !message.tellsSourceLinkLayerAddress else { return nil }
    }

    /// The packet with its IPv6 header and checksum.
    public var octets: [UInt8] {
        ICMPv6Message.packet(
            from: source, to: destination, hopLimit: Self.hopLimit, message: message.octetsWithoutChecksum)
    }
}
