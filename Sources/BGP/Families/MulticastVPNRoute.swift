import Addressing

/// A route of the families MCAST-VPN (RFC 6514 §4): its type and its octets, all of which identify it. Labels are in the attributes.
public struct MulticastVPNRoute: Hashable, Sendable {
    /// RFC 6514 §4. Others are passed over (RFC 7606 §5.4).
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// §4.1.
        case intraASIPMSI = 1
        /// §4.2.
        case interASIPMSI = 2
        /// §4.3.
        case selectivePMSI = 3
        /// §4.4.
        case leafAutoDiscovery = 4
        /// §4.5.
        case sourceActive = 5
        /// §4.6: a join towards the rendezvous point.
        case sharedTreeJoin = 6
        /// §4.6: a join towards the source.
        case sourceTreeJoin = 7
    }

    /// Of the customers' sources and groups. The providers' addresses may be of either (RFC 6515 §2).
    public let family: AddressFamily
    public let kind: Kind
    /// The octets behind type and length.
    let key: [UInt8]

    /// `nil` where the octets are none of the type.
    package init?(_ family: AddressFamily, _ kind: Kind, _ value: ArraySlice<UInt8>) {
        guard let parts = TypedRouteParts(value, kind.fields(family)) else { return nil }
        self.family = family
        self.kind = kind
        key = parts.key
    }
}

extension MulticastVPNRoute.Kind {
    fileprivate func fields(_ family: AddressFamily) -> [TypedRouteField] {
        let addressOctets = family.bits / 8
        let distinguisher = TypedRouteField.key(8)
        let autonomousSystem = TypedRouteField.key(4)
        let one = TypedRouteField.address(octets: [addressOctets])
        // RFC 6625 §3: a wildcard has no octets.
        let any = TypedRouteField.address(octets: [0, addressOctets])
        return switch self {
        case .intraASIPMSI: [distinguisher, .lastAddress]
        case .interASIPMSI: [distinguisher, autonomousSystem]
        case .selectivePMSI: [distinguisher, any, any, .lastAddress]
        // A route distinguisher at least, and an address.
        case .leafAutoDiscovery: [.leaf(octets: 12)]
        case .sourceActive: [distinguisher, one, one]
        case .sharedTreeJoin, .sourceTreeJoin: [distinguisher, autonomousSystem, one, one]
        }
    }
}

// MARK: What the octets say

extension MulticastVPNRoute {
    /// Of a leaf's answer that of the route which it answers.
    public var routeDistinguisher: RouteDistinguisher {
        if let answered { return answered.routeDistinguisher }
        return RouteDistinguisher(rawValue: number(at: 0, octets: 8))
    }

    /// The route that a leaf answers, where the octets say a whole one (RFC 6514 §4.4), which in the global table they do not
    /// (RFC 7524 §6.2.2); `nil` for all other routes.
    public var answered: MulticastVPNRoute? { answer?.route }

    private var answer: (route: MulticastVPNRoute, originator: IPAddress)? {
        guard kind == .leafAutoDiscovery, let kind = Kind(rawValue: key[0]), kind != .leafAutoDiscovery else {
            return nil
        }
        var reader = ByteReader(key.dropFirst())
        guard let count = reader.readUInt8(), let value = reader.readOctets(Int(count)),
            let originator = IPAddress(networkOrder: reader.remaining),
            let route = MulticastVPNRoute(family, kind, value)
        else { return nil }
        return (route, originator)
    }

    /// RFC 6514 §4.5: a source of a group that is joined by its source needs no announcement, and must not have one.
    var isOfSourceSpecificGroup: Bool {
        guard kind == .sourceActive, let group = flow?.group else { return false }
        return switch group {
        case .ipv4(let address): address.rawValue >> 24 == 232
        // RFC 4607 §1: ff3x::/32.
        case .ipv6(let address): UInt32(truncatingIfNeeded: address.rawValue >> 96) & 0xfff0_ffff == 0xff30_0000
        }
    }

    /// The AS of the source; `nil` where the route names none.
    public var sourceAutonomousSystem: UInt32? {
        switch kind {
        case .interASIPMSI, .sharedTreeJoin, .sourceTreeJoin: UInt32(truncatingIfNeeded: number(at: 8, octets: 4))
        case .intraASIPMSI, .selectivePMSI, .leafAutoDiscovery, .sourceActive: nil
        }
    }

    /// The PE that has originated the route, where it says so: the address at its end.
    public var originator: IPAddress? {
        switch kind {
        case .intraASIPMSI: IPAddress(networkOrder: key[8...])
        case .selectivePMSI: flow.map { IPAddress(networkOrder: key[$0.end...]) } ?? nil
        case .leafAutoDiscovery: answer?.originator
        case .interASIPMSI, .sourceActive, .sharedTreeJoin, .sourceTreeJoin: nil
        }
    }

    /// The customer's source, or the rendezvous point of a shared tree, and the group; `nil` for a wildcard each, and for routes that say
    /// none.
    public var sourceAndGroup: (source: IPAddress?, group: IPAddress?) { (flow?.source, flow?.group) }

    /// The customer's source and group, `nil` for a wildcard each, and where the octets behind them begin.
    private var flow: (source: IPAddress?, group: IPAddress?, end: Int)? {
        let start: Int
        switch kind {
        case .selectivePMSI, .sourceActive: start = 8
        case .sharedTreeJoin, .sourceTreeJoin: start = 12
        case .intraASIPMSI, .interASIPMSI, .leafAutoDiscovery: return nil
        }
        var reader = ByteReader(key[start...])
        let source = reader.readUInt8().flatMap { reader.readOctets(Int($0) / 8) } ?? []
        let group = reader.readUInt8().flatMap { reader.readOctets(Int($0) / 8) } ?? []
        return (
            IPAddress(networkOrder: source), IPAddress(networkOrder: group), key.count - reader.remainingCount
        )
    }

    private func number(at offset: Int, octets count: Int) -> UInt64 {
        var reader = ByteReader(key[offset...])
        return reader.readNumber(octets: count) ?? 0
    }
}

extension MulticastVPNRoute: Comparable {
    public static func < (a: Self, b: Self) -> Bool {
        if a.family != b.family { return a.family == .ipv4 }
        if a.kind != b.kind { return a.kind.rawValue < b.kind.rawValue }
        return a.key.lexicographicallyPrecedes(b.key)
    }
}

extension MulticastVPNRoute: CustomStringConvertible {
    /// The type and the fields but for the route distinguisher, each in brackets: `[3]:[10.1.1.1]:[232.0.0.1]:[192.0.2.1]`, `*` for a
    /// wildcard.
    public var description: String {
        if let answered { return "[\(kind.rawValue)]:\(answered):[\(originator.map(\.description) ?? "")]" }
        var parts = ["\(kind.rawValue)"]
        if kind == .leafAutoDiscovery {
            parts.append(key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        }
        if let sourceAutonomousSystem { parts.append("\(sourceAutonomousSystem)") }
        if let flow {
            parts.append(flow.source.map(\.description) ?? "*")
            parts.append(flow.group.map(\.description) ?? "*")
        }
        if let originator { parts.append(originator.description) }
        return parts.map { "[\($0)]" }.joined(separator: ":")
    }
}
