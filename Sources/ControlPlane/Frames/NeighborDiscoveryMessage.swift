import Addressing

/// A neighbor solicitation or advertisement (RFC 4861 §4.3, §4.4) in its IPv6 packet.
///
///     +----------+----------+----------------------+
///     |   type   |  code 0  |       checksum       |
///     +----------+----------+----------------------+
///     |R|S|O|               reserved               |
///     +---------------------------------------------+
///     |                 target (16)                 |
///     +---------------------------------------------+
///     | options: type, length in 8 octets, value    |
///     +---------------------------------------------+
struct NeighborDiscoveryMessage: Hashable {
    enum Kind: Hashable {
        /// `source` is unspecified during duplicate address detection.
        case solicitation
        case advertisement(isRouter: Bool, solicited: Bool, override: Bool)
    }

    var kind: Kind
    var source: IPv6Address
    var destination: IPv6Address
    var target: IPv6Address
    /// The source (solicitation) or target (advertisement) link-layer address option.
    var linkLayerAddress: MACAddress?

    init(
        kind: Kind, source: IPv6Address, destination: IPv6Address, target: IPv6Address, linkLayerAddress: MACAddress?
    ) {
        self.kind = kind
        self.source = source
        self.destination = destination
        self.target = target
        self.linkLayerAddress = linkLayerAddress
    }

    /// `nil` unless the message passes every check of RFC 4861 §7.1.1 and §7.1.2.
    init?(_ packet: IPv6Packet) {
        let message = packet.payload
        guard packet.nextHeader == 58, packet.hopLimit == 255, message.count >= 24, message[1] == 0,
            let target = IPv6Address(octets: message[8..<24]), !target.isMulticast
        else { return nil }
        let checksum = InternetChecksum.ofUpperLayer(
            message, protocolNumber: 58, source: packet.source, destination: packet.destination)
        guard checksum == 0, !packet.source.isMulticast else { return nil }
        let isSolicitation = message[0] == 135
        guard let addresses = Self.linkLayerAddresses(in: message[24...], optionType: isSolicitation ? 1 : 2) else {
            return nil
        }
        switch message[0] {
        case 135:
            if packet.source.rawValue == 0 {
                guard packet.destination == target.solicitedNode, addresses.isEmpty else { return nil }
            }
            kind = .solicitation
        case 136:
            let solicited = message[4] & 0x40 != 0
            guard !(packet.destination.isMulticast && solicited), packet.source.rawValue != 0 else { return nil }
            kind = .advertisement(
                isRouter: message[4] & 0x80 != 0, solicited: solicited, override: message[4] & 0x20 != 0)
        default: return nil
        }
        source = packet.source
        destination = packet.destination
        self.target = target
        linkLayerAddress = addresses.last
    }

    /// The values of all options of a type; `nil` if an option has no length or exceeds the message.
    private static func linkLayerAddresses(in options: ArraySlice<UInt8>, optionType: UInt8) -> [MACAddress]? {
        var rest = options
        var found: [MACAddress] = []
        while let type = rest.first {
            guard let words = rest.dropFirst().first, words > 0, rest.count >= Int(words) * 8 else { return nil }
            if type == optionType, words == 1, let address = MACAddress(octets: rest.dropFirst(2).prefix(6)) {
                found.append(address)
            }
            rest = rest.dropFirst(Int(words) * 8)
        }
        return found
    }

    /// The IPv6 packet with hop limit 255.
    var packet: IPv6Packet {
        var message: [UInt8]
        let optionType: UInt8
        switch kind {
        case .solicitation:
            message = [135, 0, 0, 0, 0, 0, 0, 0]
            optionType = 1
        case .advertisement(let isRouter, let solicited, let override):
            let flags: UInt8 = (isRouter ? 0x80 : 0) | (solicited ? 0x40 : 0) | (override ? 0x20 : 0)
            message = [136, 0, 0, 0, flags, 0, 0, 0]
            optionType = 2
        }
        message += target.octets
        if let linkLayerAddress { message += [optionType, 1] + linkLayerAddress.octets }
        let checksum = InternetChecksum.ofUpperLayer(
            message, protocolNumber: 58, source: source, destination: destination)
        message.replaceSubrange(2..<4, with: checksum.networkOctets)
        return IPv6Packet(hopLimit: 255, nextHeader: 58, source: source, destination: destination, payload: message)
    }
}
