import Addressing

/// An IPv4 packet (RFC 791 §3.1) as far as the control process reads it.
///
///     +---------+-----+---------+------------------------+
///     | version | IHL |   TOS   |      total length      |
///     +---------+-----+---------+------------------------+
///     |      identification     | flags, fragment offset |
///     +--------------+----------+------------------------+
///     | time to live | protocol |        checksum        |
///     +--------------+----------+------------------------+
///     |       source (4)        |     destination (4)    |
///     +-------------------------+------------------------+
struct IPv4Packet: Hashable {
    var timeToLive: UInt8
    var protocolNumber: UInt8
    /// Flags and fragment offset as they stand in the header; 0 for a whole packet.
    var fragment: UInt16 = 0
    var source: IPv4Address
    var destination: IPv4Address
    var payload: [UInt8]

    init(
        timeToLive: UInt8, protocolNumber: UInt8, source: IPv4Address, destination: IPv4Address, payload: [UInt8]
    ) {
        self.timeToLive = timeToLive
        self.protocolNumber = protocolNumber
        self.source = source
        self.destination = destination
        self.payload = payload
    }

    /// `nil` if version, lengths or checksum are wrong; octets behind the packet are padding.
    init?(_ octets: [UInt8]) {
        guard octets.count >= 20, octets[0] >> 4 == 4, let length = octets.networkUInt16(at: 2) else { return nil }
        let headerLength = Int(octets[0] & 0xF) * 4
        guard headerLength >= 20, Int(length) >= headerLength, octets.count >= Int(length),
            InternetChecksum.of(octets[0..<headerLength]) == 0
        else { return nil }
        timeToLive = octets[8]
        protocolNumber = octets[9]
        fragment = (octets.networkUInt16(at: 6) ?? 0) & 0x3FFF
        source = IPv4Address(octets[12], octets[13], octets[14], octets[15])
        destination = IPv4Address(octets[16], octets[17], octets[18], octets[19])
        payload = Array(octets[headerLength..<Int(length)])
    }

    /// The packet with a header of 20 octets and identification 0.
    var octets: [UInt8] {
        var header: [UInt8] = [0x45, 0] + UInt16(truncatingIfNeeded: 20 + payload.count).networkOctets
        header += [0, 0] + fragment.networkOctets + [timeToLive, protocolNumber, 0, 0]
        header += source.octets + destination.octets
        header.replaceSubrange(10..<12, with: InternetChecksum.of(header).networkOctets)
        return header + payload
    }

    /// Whether this is a piece of a packet that was fragmented.
    var isFragment: Bool { fragment != 0 }
}
