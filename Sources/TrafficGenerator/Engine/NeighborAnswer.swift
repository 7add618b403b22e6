import Addressing
import PacketFormats

/// The frame that answers an ARP request or a neighbor solicitation.
///
/// The generator stands for every host behind the device under test: whatever address is asked for, it has it. Without
/// that the device could not forward to routes whose next hop is on the generator's side.
public enum NeighborAnswer {
    /// - Parameter mac: what the answer gives out.
    /// - Returns: `nil` for a frame that wants no answer: a probe or announcement of the sender's own address, or
    ///   anything malformed.
    public static func frame(to request: [UInt8], mac: MACAddress) -> [UInt8]? {
        var offset = 12
        func etherType() -> UInt16? {
            guard request.count >= offset + 2 else { return nil }
            return UInt16(request[offset]) << 8 | UInt16(request[offset + 1])
        }
        while offset < 20, let type = etherType(), type == EtherType.customerVLAN || type == EtherType.serviceVLAN {
            offset += 4
        }
        guard let type = etherType() else { return nil }
        let link = Array(request[6..<12]) + mac.octets + request[12..<(offset + 2)]
        let body = request[(offset + 2)...]
        switch type {
        case EtherType.arp:
            guard let query = ARPPacket(parsing: body), query.operation == .request,
                query.senderAddress != query.targetAddress, query.senderAddress.rawValue != 0
            else { return nil }
            return link + query.reply(from: mac).octets
        case EtherType.ipv6:
            guard let packet = NeighborDiscoveryPacket(parsing: body),
                case .neighborSolicitation(let target, _) = packet.message, packet.source.rawValue != 0
            else { return nil }
            let advertisement = NeighborAdvertisement(
                target: target, targetLinkLayerAddress: mac, isRouter: true, isSolicited: true,
                overridesKnownAddress: true)
            return link
                + NeighborDiscoveryPacket(
                    source: target, destination: packet.source, message: .neighborAdvertisement(advertisement)
                ).octets
        default: return nil
        }
    }
}
