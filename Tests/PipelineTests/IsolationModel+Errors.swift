import Pipeline

/// The model's ICMP errors and fragments.
extension IsolationModel {
    /// A drop that an ICMP error may be sent about. `type` and `code` are (ICMP's, ICMPv6's).
    mutating func error(
        _ packet: Packet, _ reason: DropReason, type: (UInt8, UInt8), code: (UInt8, UInt8), mtu: Int = 0
    ) -> Fate {
        let fate = drop(reason, packet.counter)
        return report(packet, type: type, code: code, mtu: mtu) ?? fate
    }

    mutating func report(
        _ packet: Packet, type: (UInt8, UInt8), code: (UInt8, UInt8), mtu: Int = 0
    ) -> Fate? {
        guard !packet.isOwn, mayBeReported(packet) else { return nil }
        let last = [0, 0, UInt8(mtu >> 8), UInt8(mtu & 255)]
        let octets =
            packet.isIPv6
            ? icmpv6(about: packet, Array(([type.1, code.1, 0, 0] + last + packet.octets).prefix(1240)))
            : icmpv4(about: packet, Array(([type.0, code.0, 0, 0] + last + packet.octets).prefix(556)))
        var own = Packet(
            octets: octets, vrf: packet.vrf, counter: packet.counter, isFromNNI: packet.isFromNNI,
            isFromCore: packet.isFromCore, isOnOperatorsCircuit: packet.isOnOperatorsCircuit)
        own.isOwn = true
        return forward(own, [])
    }

    /// No error about what no error can reach, about later fragments, and about errors.
    func mayBeReported(_ packet: Packet) -> Bool {
        guard Self.addressRefusal(packet) == nil else { return false }
        if packet.isIPv6 {
            guard let (number, offset) = Self.upperLayer(packet.octets) else { return false }
            guard number == 58 else { return true }
            return offset < packet.octets.count && packet.octets[offset] >= 128 && packet.octets[offset] != 137
        }
        let header = Int(packet.octets[0] & 15) * 4
        guard Self.number(packet.octets, 6) & 0x1FFF == 0 else { return false }
        guard packet.octets[9] == 1 else { return true }
        return header < packet.octets.count && ![3, 4, 5, 11, 12].contains(packet.octets[header])
    }

    /// The error with this message, whose checksum is 0 so far.
    func icmpv6(about packet: Packet, _ body: [UInt8]) -> [UInt8] {
        let addresses = LabPlan.ownIPv6(counter: packet.counter) + packet.source
        let length = [UInt8(body.count >> 8), UInt8(body.count & 255)]
        let sum = Self.checksum(addresses + [0, 0] + length + [0, 0, 0, 58] + body)
        var octets = [0x6C, 0, 0, 0] + length + [58, 64] + addresses + body
        octets[42] = UInt8(sum >> 8)
        octets[43] = UInt8(sum & 255)
        return octets
    }

    func icmpv4(about packet: Packet, _ message: [UInt8]) -> [UInt8] {
        var body = message
        let sum = Self.checksum(body)
        body[2] = UInt8(sum >> 8)
        body[3] = UInt8(sum & 255)
        let length = 20 + body.count
        var octets: [UInt8] = [0x45, 0xC0, UInt8(length >> 8), UInt8(length & 255), 0, 0, 0x40, 0, 64, 1, 0, 0]
        octets += PacketBuilder.octets(LabPlan.ownIPv4(counter: packet.counter)) + packet.source + body
        PacketBuilder.fixChecksum(&octets)
        return octets
    }

    static func checksum(_ octets: [UInt8]) -> Int {
        var sum = 0
        for (index, octet) in octets.enumerated() { sum += index % 2 == 0 ? Int(octet) << 8 : Int(octet) }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~sum & 0xFFFF
    }

    /// RFC 791: pieces of whole words of eight octets; options with the copied flag go into each.
    static func fragments(_ packet: [UInt8], mtu: Int) -> [[UInt8]] {
        let headerBytes = Int(packet[0] & 15) * 4
        var copied: [UInt8] = []
        var place = 20
        while place < headerBytes, packet[place] != 0 {
            let length = packet[place] == 1 ? 1 : Int(packet[place + 1])
            if packet[place] & 0x80 != 0 { copied += packet[place..<place + length] }
            place += length
        }
        while copied.count % 4 != 0 { copied.append(0) }
        var pieces: [[UInt8]] = []
        var rest = packet[headerBytes...]
        let flags = number(packet, 6)
        while !rest.isEmpty {
            var header = Array(packet[..<20]) + (pieces.isEmpty ? Array(packet[20..<headerBytes]) : copied)
            let room = mtu - header.count
            let piece = rest.prefix(rest.count <= room ? rest.count : room / 8 * 8)
            let offset = flags & 0x1FFF + (packet.count - headerBytes - rest.count) / 8
            rest = rest.dropFirst(piece.count)
            let field = offset & 0x1FFF | (rest.isEmpty ? flags & 0x2000 : 0x2000)
            let length = header.count + piece.count
            header[0] = 0x40 | UInt8(header.count / 4)
            header[2] = UInt8(length >> 8)
            header[3] = UInt8(length & 255)
            header[6] = UInt8(field >> 8)
            header[7] = UInt8(field & 255)
            PacketBuilder.fixChecksum(&header)
            pieces.append(header + piece)
        }
        return pieces
    }
}
