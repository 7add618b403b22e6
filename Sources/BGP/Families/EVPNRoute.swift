import Addressing

/// A route of the family L2VPN EVPN (RFC 7432 §7): its type and what identifies it among those of the type. Labels, Ethernet segment
/// and gateway do not where the RFC says so: they are ``EVPNRouteAttributes``.
public struct EVPNRoute: Hashable, Sendable {
    /// The types that are read here (IANA "EVPN Route Types"). Others are passed over (RFC 7606 §5.4).
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// RFC 7432 §7.1.
        case ethernetAutoDiscovery = 1
        /// RFC 7432 §7.2.
        case macIPAdvertisement = 2
        /// RFC 7432 §7.3, "IMET".
        case inclusiveMulticast = 3
        /// RFC 7432 §7.4.
        case ethernetSegment = 4
        /// RFC 9136 §3.1.
        case ipPrefix = 5
        /// RFC 9251 §9.1, "SMET".
        case selectiveMulticast = 6
        /// RFC 9251 §9.2.
        case membershipReportSynch = 7
        /// RFC 9251 §9.3.
        case leaveSynch = 8
        /// RFC 9572 §3.1.
        case perRegionIPMSI = 9
        /// RFC 9572 §3.2.
        case selectivePMSI = 10
        /// RFC 9572 §3.3.
        case leafAutoDiscovery = 11
    }

    public let kind: Kind
    /// The fields that identify the route, in the order of the wire.
    let key: [UInt8]

    /// The route of these octets behind type and length, and what else they say, `nil` if that cannot be read; `nil` where they do
    /// not say which route it is.
    package static func reading(
        _ kind: Kind, _ value: ArraySlice<UInt8>
    ) -> (route: EVPNRoute, attributes: EVPNRouteAttributes?)? {
        guard let parts = TypedRouteParts(value, kind.fields(valueOctets: value.count)) else { return nil }
        return (
            EVPNRoute(kind: kind, key: parts.key), parts.isWhole ? EVPNRouteAttributes(octets: parts.attributes) : nil
        )
    }

    /// The octets behind type and length.
    func value(with attributes: EVPNRouteAttributes?) -> [UInt8] {
        TypedRouteParts(key: key, attributes: attributes?.octets ?? []).value(kind.fields(isIPv6Prefix: key.count > 17))
    }
}

extension EVPNRoute.Kind {
    fileprivate func fields(valueOctets: Int) -> [TypedRouteField] {
        // RFC 9136 §3.1: 34 octets with IPv4 addresses, 58 with IPv6 ones.
        fields(isIPv6Prefix: valueOctets == 58)
    }

    /// What the routes of the type are made of.
    fileprivate func fields(isIPv6Prefix: Bool) -> [TypedRouteField] {
        let (distinguisher, tag) = (TypedRouteField.key(8), TypedRouteField.key(4))
        let one = TypedRouteField.address(octets: [4, 16])
        let any = TypedRouteField.address(octets: [0, 4, 16])
        let addressOctets = isIPv6Prefix ? 16 : 4
        return switch self {
        case .ethernetAutoDiscovery: [distinguisher, .key(10), tag, .attribute(3)]
        case .macIPAdvertisement:
            [distinguisher, .attribute(10), tag, .macAddress, any, .attribute(3), .lastLabel]
        case .inclusiveMulticast: [distinguisher, tag, one]
        case .ethernetSegment: [distinguisher, .key(10), one]
        case .ipPrefix:
            [
                distinguisher, .attribute(10), tag, .prefix(octets: addressOctets), .attribute(addressOctets),
                .attribute(3),
            ]
        // The flags are of no key, and of RFC 9251 §9.3 what stands before them neither.
        case .selectiveMulticast: [distinguisher, tag, any, any, one, .attribute(1)]
        case .membershipReportSynch: [distinguisher, .key(10), tag, any, any, one, .attribute(1)]
        case .leaveSynch: [distinguisher, .key(10), tag, any, any, one, .attribute(6)]
        case .perRegionIPMSI: [distinguisher, tag, .key(8)]
        case .selectivePMSI: [distinguisher, tag, any, any, one]
        // A route distinguisher at least, and a length with an address.
        case .leafAutoDiscovery: [.leaf(octets: 13)]
        }
    }
}

/// What an EVPN route says besides what identifies it (RFC 7432 §7.1, §7.2, RFC 9136 §3.1, RFC 9251 §9): it may change, and it
/// is the same route. Of most types nothing.
public struct EVPNRouteAttributes: Hashable, Sendable {
    /// The fields, in the order of the wire.
    let octets: [UInt8]
}

// MARK: What the octets say

extension EVPNRoute {
    /// Of a leaf's answer that of the route which it answers, which may be said without type and length.
    public var routeDistinguisher: RouteDistinguisher {
        if let answered { return answered.routeDistinguisher }
        return RouteDistinguisher(rawValue: number(at: 0, octets: 8))
    }

    /// The route that a leaf answers, where the octets say a whole one (RFC 9572 §3.3); `nil` for all other routes.
    public var answered: EVPNRoute? {
        guard kind == .leafAutoDiscovery, let kind = Kind(rawValue: key[0]), kind != .leafAutoDiscovery else {
            return nil
        }
        var reader = ByteReader(key.dropFirst())
        guard let count = reader.readUInt8(), let value = reader.readOctets(Int(count)),
            let bits = reader.readUInt8(), reader.remainingCount == Int(bits) / 8, bits == 32 || bits == 128
        else { return nil }
        return Self.reading(kind, value)?.route
    }

    /// The Ethernet segment, where that identifies the route.
    public var segment: EthernetSegment? {
        switch kind {
        case .ethernetAutoDiscovery, .ethernetSegment, .membershipReportSynch, .leaveSynch:
            EthernetSegment(key[8..<18])
        default: nil
        }
    }

    /// The broadcast domain among those of a service (RFC 7432 §3); `nil` where the route names none.
    public var ethernetTag: UInt32? {
        switch kind {
        case .ethernetAutoDiscovery, .membershipReportSynch, .leaveSynch:
            UInt32(truncatingIfNeeded: number(at: 18, octets: 4))
        case .macIPAdvertisement, .inclusiveMulticast, .ipPrefix, .selectiveMulticast, .perRegionIPMSI, .selectivePMSI:
            UInt32(truncatingIfNeeded: number(at: 8, octets: 4))
        case .ethernetSegment: nil
        case .leafAutoDiscovery: answered?.ethernetTag
        }
    }

    /// The PE that has originated the route, where it says so: the last of the addresses that have their lengths in front.
    public var originator: IPAddress? {
        if kind == .leafAutoDiscovery {
            for octets in [4, 16] where key.count > octets && Int(key[key.count - octets - 1]) == 8 * octets {
                return IPAddress(networkOrder: key.suffix(octets))
            }
            return nil
        }
        var reader = ByteReader(key[...])
        var last: ArraySlice<UInt8> = []
        for step in addresses {
            _ = reader.readOctets(step)
            last = reader.readUInt8().flatMap { reader.readOctets(Int($0) / 8) } ?? []
        }
        return IPAddress(networkOrder: last)
    }

    /// How many octets stand in front of each address with a length.
    private var addresses: [Int] {
        switch kind {
        case .inclusiveMulticast: [12]
        case .ethernetSegment: [18]
        case .selectiveMulticast, .selectivePMSI: [12, 0, 0]
        case .membershipReportSynch, .leaveSynch: [22, 0, 0]
        case .ethernetAutoDiscovery, .macIPAdvertisement, .ipPrefix, .perRegionIPMSI, .leafAutoDiscovery: []
        }
    }

    private func number(at offset: Int, octets count: Int) -> UInt64 {
        var reader = ByteReader(key[offset...])
        return reader.readNumber(octets: count) ?? 0
    }

    /// The label fields that a route has beside its key: 20 bits of a label in each, or 24 of a VNI where the encapsulation
    /// is VXLAN (RFC 8365 §5.1.3).
    public func labelFields(in attributes: EVPNRouteAttributes?) -> [UInt32] {
        guard let attributes, let first = labelOffset(in: attributes) else { return [] }
        var reader = ByteReader(attributes.octets.dropFirst(first))
        var fields: [UInt32] = []
        while let field = reader.readNumber(octets: 3) { fields.append(UInt32(truncatingIfNeeded: field)) }
        return fields
    }

    /// Where the label fields begin; `nil` for routes that have none.
    func labelOffset(in attributes: EVPNRouteAttributes) -> Int? {
        switch kind {
        case .ethernetAutoDiscovery: 0
        case .macIPAdvertisement: 10
        case .ipPrefix: attributes.octets.count - 3
        default: nil
        }
    }
}

extension EVPNRoute: Comparable {
    public static func < (a: Self, b: Self) -> Bool {
        if a.kind != b.kind { return a.kind.rawValue < b.kind.rawValue }
        return a.key.lexicographicallyPrecedes(b.key)
    }
}

extension EVPNRoute: CustomStringConvertible {
    /// The type and the fields that identify it, but for the route distinguisher, each in brackets: `[2]:[0]:[02:00:00:00:00:01]:[192.0.2.1]`.
    public var description: String {
        var parts = ["\(kind.rawValue)"]
        if let answered { return "[\(kind.rawValue)]:\(answered):[\(originator.map(\.description) ?? "")]" }
        if let segment { parts.append(segment.description) }
        if let ethernetTag { parts.append("\(ethernetTag)") }
        switch kind {
        case .macIPAdvertisement:
            parts.append(Self.hexadecimal(key[13..<19]))
            if let address = IPAddress(networkOrder: key[20...]) { parts.append(address.description) }
        case .ipPrefix:
            if let address = IPAddress(networkOrder: key[13...]) { parts.append("\(address)/\(key[12])") }
        case .perRegionIPMSI: parts.append(Self.hexadecimal(key[12...]))
        case .selectiveMulticast, .membershipReportSynch, .leaveSynch, .selectivePMSI:
            var reader = ByteReader(key[(addresses.first ?? 0)...])
            for _ in 0..<2 {
                let octets = reader.readUInt8().flatMap { reader.readOctets(Int($0) / 8) } ?? []
                parts.append(IPAddress(networkOrder: octets).map(\.description) ?? "*")
            }
        case .leafAutoDiscovery: parts.append(Self.hexadecimal(key[...]))
        case .ethernetAutoDiscovery, .inclusiveMulticast, .ethernetSegment: break
        }
        if let originator { parts.append(originator.description) }
        return parts.map { "[\($0)]" }.joined(separator: ":")
    }

    fileprivate static func hexadecimal(_ octets: ArraySlice<UInt8>) -> String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}

/// An Ethernet segment identifier (RFC 7432 §5): ten octets.
public struct EthernetSegment: Hashable, Sendable, CustomStringConvertible {
    public let octets: [UInt8]

    init(_ octets: ArraySlice<UInt8>) { self.octets = Array(octets) }

    public var description: String { EVPNRoute.hexadecimal(octets[...]) }
}

extension IPAddress {
    /// In network byte order.
    var octets: [UInt8] {
        switch self {
        case .ipv4(let address):
            var writer = ByteWriter()
            writer.write(address.rawValue)
            return writer.bytes
        case .ipv6(let address): return address.octets
        }
    }

    /// `nil` for as many octets as no address has.
    init?(networkOrder octets: ArraySlice<UInt8>) {
        switch octets.count {
        case 4:
            var reader = ByteReader(octets)
            guard let number = reader.readUInt32() else { return nil }
            self = .ipv4(IPv4Address(rawValue: number))
        case 16:
            guard let address = IPv6Address(octets: octets) else { return nil }
            self = .ipv6(address)
        default: return nil
        }
    }
}
