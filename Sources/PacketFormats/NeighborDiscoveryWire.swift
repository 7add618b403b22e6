import Addressing

/// The wire form of neighbor discovery messages (RFC 4861 §4).
extension NeighborDiscoveryMessage {
    private static let sourceLinkLayerAddressOption: UInt8 = 1
    private static let targetLinkLayerAddressOption: UInt8 = 2

    var tellsSourceLinkLayerAddress: Bool {
        switch self {
        case .routerSolicitation(let address), .neighborSolicitation(_, let address): address != nil
        case .routerAdvertisement(let advertisement): advertisement.sourceLinkLayerAddress != nil
        case .neighborAdvertisement: false
        }
    }

    /// Reads the ICMPv6 message `octets`, whose checksum has been verified.
    init?(parsing octets: [UInt8]) {
        var reader = OctetReader(octets)
        guard let type = reader.uint8(), reader.uint8() == 0, reader.uint16() != nil else { return nil }
        switch type {
        case ICMPv6Type.routerSolicitation:
            guard reader.uint32() != nil, let options = Self.linkLayerAddresses(&reader) else { return nil }
            self = .routerSolicitation(sourceLinkLayerAddress: options[Self.sourceLinkLayerAddressOption])
        case ICMPv6Type.routerAdvertisement:
            guard let hopLimit = reader.uint8(), reader.uint8() != nil, let lifetime = reader.uint16(),
                let reachable = reader.uint32(), let retransmit = reader.uint32(),
                let options = Self.linkLayerAddresses(&reader)
            else { return nil }
            self = .routerAdvertisement(
                RouterAdvertisement(
                    currentHopLimit: hopLimit, routerLifetimeSeconds: lifetime, reachableTimeMilliseconds: reachable,
                    retransmitTimerMilliseconds: retransmit,
                    sourceLinkLayerAddress: options[Self.sourceLinkLayerAddressOption]))
        case ICMPv6Type.neighborSolicitation:
            guard reader.uint32() != nil, let target = Self.target(&reader),
                let options = Self.linkLayerAddresses(&reader)
            else { return nil }
            self = .neighborSolicitation(
                target: target, sourceLinkLayerAddress: options[Self.sourceLinkLayerAddressOption])
        case ICMPv6Type.neighborAdvertisement:
            guard let flags = reader.uint32(), let target = Self.target(&reader),
                let options = Self.linkLayerAddresses(&reader)
            else { return nil }
            self = .neighborAdvertisement(
                NeighborAdvertisement(
                    target: target, targetLinkLayerAddress: options[Self.targetLinkLayerAddressOption],
                    isRouter: flags & 0x8000_0000 != 0, isSolicited: flags & 0x4000_0000 != 0,
                    overridesKnownAddress: flags & 0x2000_0000 != 0))
        default:
            return nil
        }
    }

    private static func target(_ reader: inout OctetReader) -> IPv6Address? {
        reader.uint128().map(IPv6Address.init(rawValue:)).flatMap { $0.isMulticast ? nil : $0 }
    }

    /// The link-layer address options by type; unknown options are skipped, and one of length zero makes the message
    /// invalid (RFC 4861 §4.6).
    private static func linkLayerAddresses(_ reader: inout OctetReader) -> [UInt8: MACAddress]? {
        var found: [UInt8: MACAddress] = [:]
        while reader.count > 0 {
            guard let type = reader.uint8(), let words = reader.uint8(), words > 0,
                let value = reader.octets(Int(words) * 8 - 2)
            else { return nil }
            if type == sourceLinkLayerAddressOption || type == targetLinkLayerAddressOption, words == 1 {
                found[type] = MACAddress(octets: value)
            }
        }
        return found
    }

    /// The ICMPv6 message with a checksum of zero.
    var octetsWithoutChecksum: [UInt8] {
        func option(_ type: UInt8, _ address: MACAddress?) -> [UInt8] {
            address.map { [type, 1] + $0.octets } ?? []
        }
        switch self {
        case .routerSolicitation(let address):
            return [ICMPv6Type.routerSolicitation, 0, 0, 0, 0, 0, 0, 0]
                + option(Self.sourceLinkLayerAddressOption, address)
        case .routerAdvertisement(let advertisement):
            return [ICMPv6Type.routerAdvertisement, 0, 0, 0, advertisement.currentHopLimit, 0]
                + advertisement.routerLifetimeSeconds.networkOctets
                + advertisement.reachableTimeMilliseconds.networkOctets
                + advertisement.retransmitTimerMilliseconds.networkOctets
                + option(Self.sourceLinkLayerAddressOption, advertisement.sourceLinkLayerAddress)
        case .neighborSolicitation(let target, let address):
            return [ICMPv6Type.neighborSolicitation, 0, 0, 0, 0, 0, 0, 0] + target.octets
                + option(Self.sourceLinkLayerAddressOption, address)
        case .neighborAdvertisement(let advertisement):
            let flags: UInt8 =
                (advertisement.isRouter ? 0x80 : 0) | (advertisement.isSolicited ? 0x40 : 0)
                | (advertisement.overridesKnownAddress ? 0x20 : 0)
            return [ICMPv6Type.neighborAdvertisement, 0, 0, 0, flags, 0, 0, 0] + advertisement.target.octets
                + option(Self.targetLinkLayerAddressOption, advertisement.targetLinkLayerAddress)
        }
    }
}
