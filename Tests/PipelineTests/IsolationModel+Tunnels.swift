import PacketFormats
import Pipeline

/// MPLS over UDP (RFC 7510), in and out. Which port a flow has is the flow hash's matter.
extension IsolationModel {
    /// A packet of the core to the box's Ethernet address; `nil`: it is none to the port.
    mutating func takenOutOfUDP(_ packet: [UInt8], _ nni: LabPlan.NNI, _ frame: [UInt8]) -> Fate? {
        let isIPv6 = packet[0] >> 4 == 6
        var offset = Int(packet[0] & 15) * 4
        var isWhole = offset == 20 && Self.number(packet, 6) & 0x3FFF == 0
        if isIPv6 {
            guard let (number, start) = Self.upperLayer(packet), number == 17 else { return nil }
            offset = start
            isWhole = start == 40
        } else if packet[9] != 17 || Self.number(packet, 6) & 0x1FFF != 0 {
            return nil
        }
        guard offset + 4 <= packet.count, Self.number(packet, offset + 2) == 6_635 else { return nil }
        let source = Array(isIPv6 ? packet[8..<24] : packet[12..<16])
        let destination = Array(isIPv6 ? packet[24..<40] : packet[16..<20])
        guard destination == LabPlan.tunnelAddress(of: source) else { return drop(.tunnelNotHere, nni.counter) }
        let listed = LabPlan.tunnelSources.filter {
            $0.prefix.count == source.count && source.prefix($0.bits / 8) == $0.prefix.prefix($0.bits / 8)
        }.max { $0.bits < $1.bits }
        guard let listed else { return drop(.tunnelSourceUnlisted, nni.counter) }
        let datagram = Array(packet[offset...])
        guard isWhole, datagram.count >= 12, Self.number(datagram, 4) == datagram.count else {
            return drop(.tunnelMalformed, nni.counter)
        }
        if Self.number(datagram, 6) == 0 {
            if isIPv6, listed.needsChecksum { return drop(.tunnelChecksumInvalid, nni.counter) }
        } else {
            let correct = PacketBuilder.udp(
                from: source, port: UInt16(Self.number(datagram, 0)), to: destination, hasChecksum: true,
                payload: Array(datagram[8...]))
            guard correct[6...7] == datagram[6...7] else { return drop(.tunnelChecksumInvalid, nni.counter) }
        }
        let services = isIPv6 ? packet[0] << 4 | packet[1] >> 4 : packet[1]
        guard let stack = Self.congested(Array(datagram[8...]), services & 3) else {
            return drop(.tunnelCongestion, nni.counter)
        }
        return labelled(stack, nni, from: Array(frame[6..<12]))
    }

    /// RFC 6040 §4.2; `nil`: congestion that the packet in the stack cannot tell of.
    private static func congested(_ stack: [UInt8], _ outer: UInt8) -> [UInt8]? {
        var stack = stack
        let isIPv4 = stack.count >= 24 && stack[4] >> 4 == 4
        guard stack[2] & 1 == 1, isIPv4 || stack.count >= 44 && stack[4] >> 4 == 6 else { return stack }
        let inner = (isIPv4 ? stack[5] : stack[5] >> 4) & 3
        let table: [[UInt8?]] = [[0, 1, 2, 3], [0, 1, 1, 3], [0, 1, 2, 3], [nil, 3, 3, 3]]
        guard let merged = table[Int(outer)][Int(inner)] else { return nil }
        guard merged != inner else { return stack }
        stack[5] ^= isIPv4 ? inner ^ merged : (inner ^ merged) << 4
        guard isIPv4 else { return stack }
        // A checksum that was wrong stays so (RFC 1624).
        var sum = 0xFFFF ^ number(stack, 14)
        sum += 0xFFFF ^ (number(stack, 4) ^ Int(inner ^ merged))
        sum += number(stack, 4)
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        stack[14] = UInt8(~sum >> 8 & 255)
        stack[15] = UInt8(~sum & 255)
        return stack
    }

    /// A label stack in UDP to a PE, with the class of the packet under it.
    static func putIntoUDP(_ stack: [UInt8], _ packet: [UInt8], _ tunnel: LabPlan.Tunnel) -> [UInt8] {
        let isIPv6 = packet[0] >> 4 == 6
        let services = (isIPv6 ? packet[0] << 4 | packet[1] >> 4 : packet[1]) & 0xFC
        let hash = packet.withUnsafeBytes { octets in
            octets.baseAddress.map { FlowHash(of: $0, isIPv6: isIPv6, bytes: octets.count).rawValue } ?? 0
        }
        let source = LabPlan.tunnelAddress(of: tunnel.remote)
        let datagram = PacketBuilder.udp(
            from: source, port: UInt16(0xC000 | hash >> 18), to: tunnel.remote, hasChecksum: tunnel.hasChecksum,
            payload: stack + packet)
        if source.count == 16 {
            let first = 0x6000_0000 | UInt32(services) << 20 | hash >> 12
            return PacketBuilder.octets(first) + [UInt8(datagram.count >> 8), UInt8(datagram.count & 255), 17, 64]
                + source
                + tunnel.remote + datagram
        }
        let length = 20 + datagram.count
        var header: [UInt8] = [0x45, services, UInt8(length >> 8), UInt8(length & 255), 0, 0, 0x40, 0, 64, 17, 0, 0]
        header += source + tunnel.remote
        PacketBuilder.fixChecksum(&header)
        return header + datagram
    }
}
