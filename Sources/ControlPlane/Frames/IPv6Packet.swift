import Addressing

/// An IPv6 packet (RFC 8200 §3) as far as the control process reads it.
///
///     +---------+---------------+-----------------------+
///     | version | traffic class |      flow label       |
///     +---------+---------------+-------------+---------+
///     |      payload length     | next header |hop limit|
///     +-------------------------+-------------+---------+
///     |        source (16)      |    destination (16)   |
///     +-------------------------+-----------------------+
struct IPv6Packet: Hashable {
    var hopLimit: UInt8
    var nextHeader: UInt8
    var source: IPv6Address
    var destination: IPv6Address
    var payload: [UInt8]

    init(hopLimit: UInt8, nextHeader: UInt8, source: IPv6Address, destination: IPv6Address, payload: [UInt8]) {
        self.hopLimit = hopLimit
        self.nextHeader = nextHeader
        self.source = source
        self.destination = destination
        self.payload = payload
    }

    /// `nil` if the version or the length is wrong; octets behind the packet are padding.
    init?(_ octets: [UInt8]) {
        guard octets.count >= 40, octets[0] >> 4 == 6, let length = octets.networkUInt16(at: 4),
            octets.count >= 40 + Int(length), let source = IPv6Address(octets: octets[8..<24]),
            let destination = IPv6Address(octets: octets[24..<40])
        else { return nil }
        self.init(
            hopLimit: octets[7], nextHeader: octets[6], source: source, destination: destination,
            payload: Array(octets[40..<40 + Int(length)]))
    }

    var octets: [UInt8] {
        [0x60, 0, 0, 0] + UInt16(truncatingIfNeeded: payload.count).networkOctets + [nextHeader, hopLimit]
            + source.octets + destination.octets + payload
    }
}
