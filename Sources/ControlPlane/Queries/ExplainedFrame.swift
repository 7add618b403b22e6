import Addressing
import Configuration
import ControlProtocol
import PacketFormats

/// From the question of `explain.packet` to the frame that would come in.
struct ExplainedFrame {
    let query: ExplainPacket
    let interface: InterfacePlan
    /// The Ethernet address that the frame comes from; `nil`: any that is not the box's own.
    let sender: MACAddress?
    /// What the labels are in; `nil`: they follow the Ethernet header.
    let tunnel: UDPTunnel?

    private static let anySender = MACAddress(rawValue: 0x0200_5E00_5301)

    /// The frame; `nil` if the addresses are of two families or the length is too small for the headers.
    var octets: [UInt8]? {
        guard let hardwareAddress = interface.hardwareAddress, let packet = ipPacket else { return nil }
        let isIPv4 = query.source.family == .ipv4
        let isOuterIPv4 = tunnel.map { $0.source.family == .ipv4 } ?? isIPv4
        let isLabelled = tunnel == nil && !query.labels.isEmpty
        let etherType = isLabelled ? EtherType.mpls : isOuterIPv4 ? EtherType.ipv4 : EtherType.ipv6
        var payload: [UInt8] = []
        for (index, label) in query.labels.enumerated() {
            payload +=
                LabelStackEntry(
                    label: label.rawValue, trafficClass: query.trafficClass,
                    isBottomOfStack: index == query.labels.count - 1, timeToLive: query.labelTimeToLive
                ).octets
        }
        return EthernetFrame.octets(
            destination: hardwareAddress, source: sender ?? Self.anySender, tags: interface.tags, etherType: etherType,
            payload: tunnel.map { ResolvedTransport.datagram(payload + packet, in: $0) } ?? payload + packet)
    }

    private var ipPacket: [UInt8]? {
        switch (query.source, query.destination) {
        case (.ipv4(let source), .ipv4(let destination)):
            guard let payload = payload(headerOctets: 20) else { return nil }
            var header: [UInt8] = [0x45, query.dscp << 2] + query.lengthBytes.networkOctets + [0, 1]
            header += (query.doNotFragment ? UInt16(0x4000) : 0).networkOctets
            header += [query.timeToLive, query.ipProtocol, 0, 0] + source.octets + destination.octets
            let checksum = header.withUnsafeBytes { bytes in
                bytes.baseAddress.map { InternetChecksum.complement(InternetChecksum.sum($0, count: bytes.count)) } ?? 0
            }
            header.replaceSubrange(10..<12, with: checksum.networkOctets)
            return header + payload
        case (.ipv6(let source), .ipv6(let destination)):
            guard let payload = payload(headerOctets: 40) else { return nil }
            let header: [UInt8] =
                [0x60 | query.dscp >> 2, query.dscp << 6, 0, 0]
                + UInt16(truncatingIfNeeded: payload.count).networkOctets
                + [query.ipProtocol, query.timeToLive]
            return header + source.octets + destination.octets + payload
        default: return nil
        }
    }

    /// What follows the IP header: message type, or ports, where the question has them, then zeros.
    private func payload(headerOctets: Int) -> [UInt8]? {
        let count = Int(query.lengthBytes) - headerOctets
        guard count >= 0 else { return nil }
        var payload: [UInt8] = []
        if let type = query.icmpType {
            payload = [type, query.icmpCode ?? 0]
        } else if query.sourcePort != nil || query.destinationPort != nil || query.tcpFlags != 0 {
            payload = (query.sourcePort ?? 0).networkOctets + (query.destinationPort ?? 0).networkOctets
        }
        if query.ipProtocol == 6, payload.count == 4, count >= 20 {
            // Sequence and acknowledgment numbers, then the header's length in words (RFC 9293 §3.1).
            payload += [UInt8](repeating: 0, count: 8) + [5 << 4, query.tcpFlags]
        }
        guard payload.count <= count else { return nil }
        return payload + [UInt8](repeating: 0, count: count - payload.count)
    }
}
