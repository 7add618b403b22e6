/// MPLS over UDP (RFC 7510), octet by octet.
extension PacketBuilder {
    /// A UDP datagram between addresses of one family, with a correct checksum or none.
    static func udp(
        from source: [UInt8], port sourcePort: UInt16 = 50_000, to destination: [UInt8], itsPort port: UInt16 = 6_635,
        hasChecksum: Bool, payload: [UInt8]
    ) -> [UInt8] {
        let length = 8 + payload.count
        var datagram =
            [sourcePort, port, UInt16(length)].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } + [0, 0] + payload
        guard hasChecksum else { return datagram }
        let pseudoHeader = source + destination + [0, 17, UInt8(length >> 8), UInt8(length & 255)]
        let octets = pseudoHeader + datagram + (datagram.count % 2 == 0 ? [] : [0])
        var sum = 0
        for place in stride(from: 0, to: octets.count, by: 2) {
            sum += Int(octets[place]) << 8 | Int(octets[place + 1])
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        let checksum = sum == 0xFFFF ? 0xFFFF : ~sum & 0xFFFF
        datagram[6] = UInt8(checksum >> 8)
        datagram[7] = UInt8(checksum & 255)
        return datagram
    }

    /// A datagram in an IP packet of its addresses' family.
    static func packet(
        from source: [UInt8], to destination: [UInt8], datagram: [UInt8], trafficClass: UInt8 = 0, fragment: UInt16 = 0,
        options: [UInt8] = []
    ) -> [UInt8] {
        guard source.count == 4 else {
            return ipv6(source: source, destination: destination, trafficClass: trafficClass, payload: datagram)
        }
        return ipv4(
            source: source.reduce(0) { $0 << 8 | UInt32($1) },
            destination: destination.reduce(0) { $0 << 8 | UInt32($1) },
            fragment: fragment, trafficClass: trafficClass, options: options, payload: datagram)
    }

    /// The frame that brings a label stack over UDP to a core interface of the plan.
    static func tunnelFrame(
        nni: Int, from source: [UInt8], to destination: [UInt8]? = nil, hasChecksum: Bool? = nil,
        trafficClass: UInt8 = 0,
        fragment: UInt16 = 0, stack: [UInt8]
    ) -> [UInt8] {
        let destination = destination ?? LabPlan.tunnelAddress(of: source)
        let datagram = udp(
            from: source, to: destination, hasChecksum: hasChecksum ?? (source.count == 16), payload: stack)
        let packet = packet(
            from: source, to: destination, datagram: datagram, trafficClass: trafficClass, fragment: fragment)
        return nniFrame(nni: nni, etherType: etherType(of: packet), payload: packet)
    }
}
