import Addressing
import BGP
import SeededRandom

/// MCAST-VPN and EVPN routes of every type, put together field by field as the diagrams of RFC 6514, 7432, 9136, 9251 and 9572 have
/// them.
extension SeededGenerator {
    private mutating func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// A length in bits and an address.
    private mutating func address(_ octets: [Int]) -> [UInt8] {
        let count = octets.randomElement(using: &self) ?? 4
        return [UInt8(8 * count)] + random(count)
    }

    private mutating func whole(_ type: UInt8, _ value: [UInt8]) -> [UInt8] { [type, UInt8(value.count)] + value }

    mutating func multicastVPNValue(_ family: AddressFamily, _ kind: MulticastVPNRoute.Kind) -> [UInt8] {
        let own = family.bits / 8
        let provider = chance(50) ? 4 : 16
        return switch kind {
        case .intraASIPMSI: random(8 + provider)
        case .interASIPMSI: random(12)
        case .selectivePMSI: random(8) + address([0, own]) + address([0, own]) + random(provider)
        case .leafAutoDiscovery:
            whole(3, multicastVPNValue(family, .selectivePMSI)) + random(provider)
        // A group that is none of those which are joined by their source (RFC 6514 §4.5).
        case .sourceActive: random(8) + address([own]) + [UInt8(8 * own), 239] + random(own - 1)
        case .sharedTreeJoin, .sourceTreeJoin: random(12) + address([own]) + address([own])
        }
    }

    mutating func multicastVPNRoute(_ family: AddressFamily) throws -> MulticastVPNRoute {
        let kind = try required(MulticastVPNRoute.Kind.allCases.randomElement(using: &self))
        return try required(MulticastVPNRoute(family, kind, multicastVPNValue(family, kind)[...]))
    }

    mutating func evpnValue(_ kind: EVPNRoute.Kind) -> [UInt8] {
        switch kind {
        case .ethernetAutoDiscovery: return random(25)
        case .macIPAdvertisement:
            return random(22) + [48] + random(6) + address([0, 4, 16]) + random(chance(50) ? 3 : 6)
        case .inclusiveMulticast: return random(12) + address([4, 16])
        case .ethernetSegment: return random(18) + address([4, 16])
        case .ipPrefix:
            let octets = chance(50) ? 4 : 16
            let length = UInt8.random(in: 0...UInt8(8 * octets), using: &self)
            return random(22) + [length] + random(2 * octets + 3)
        case .selectiveMulticast:
            return random(12) + address([0, 4, 16]) + address([0, 4, 16]) + address([4, 16]) + random(1)
        case .membershipReportSynch:
            return random(22) + address([0, 4, 16]) + address([0, 4, 16]) + address([4, 16]) + random(1)
        case .leaveSynch:
            return random(22) + address([0, 4, 16]) + address([0, 4, 16]) + address([4, 16]) + random(6)
        case .perRegionIPMSI: return random(20)
        case .selectivePMSI: return random(12) + address([0, 4, 16]) + address([0, 4, 16]) + address([4, 16])
        case .leafAutoDiscovery:
            return whole(10, evpnValue(.selectivePMSI)) + address([4, 16])
        }
    }

    mutating func evpnRoute(
        _ kind: EVPNRoute.Kind? = nil
    ) throws -> (route: EVPNRoute, attributes: EVPNRouteAttributes) {
        let kind = try required(kind ?? EVPNRoute.Kind.allCases.randomElement(using: &self))
        let (route, attributes) = try required(EVPNRoute.reading(kind, evpnValue(kind)[...]))
        return (route, try required(attributes))
    }
}
