import Addressing
import BGP
import SeededRandom

/// Updates of every shape that can be sent, from a seeded generator.
extension SeededGenerator {
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func numbers(_ count: ClosedRange<Int>, upTo limit: UInt32) -> [UInt32] {
        (0..<Int.random(in: count, using: &self)).map { _ in UInt32.random(in: 1...limit, using: &self) }
    }

    mutating func prefix(_ family: AddressFamily) throws -> IPPrefix {
        let number = (UInt128(next()) << 64) | UInt128(next())
        let address: IPAddress =
            family == .ipv4
            ? .ipv4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number))) : .ipv6(IPv6Address(rawValue: number))
        let length = Int.random(in: 0...family.bits, using: &self)
        return try required(IPPrefix(covering: address, length: length))
    }

    mutating func nlri(_ family: AddressFamilyIdentifier) throws -> NLRI {
        if family == .routeTargets { return .routeTargets(membership()) }
        if family == .evpn { return .evpn(try evpnRoute().route) }
        if family.subsequentAddressFamily == 5 {
            return .multicastVPN(try multicastVPNRoute(family.addressFamily == 1 ? .ipv4 : .ipv6))
        }
        let addressFamily: AddressFamily = family.addressFamily == 1 ? .ipv4 : .ipv6
        let prefix = try prefix(addressFamily)
        switch family {
        case .unicast(addressFamily): return .unicast(prefix)
        case .labeledUnicast(addressFamily): return .labeledUnicast(prefix)
        default: return .vpn(VPNPrefix(routeDistinguisher: RouteDistinguisher(rawValue: next()), prefix: prefix))
        }
    }

    mutating func membership() -> RouteTargetMembership {
        if chance(20) { return .everything }
        let length: UInt8 = chance(60) ? 64 : UInt8.random(in: 0...64, using: &self)
        return RouteTargetMembership(
            originAutonomousSystem: UInt32(truncatingIfNeeded: next()), RouteTargetPrefix(next(), length: length))
    }

    mutating func route(_ family: AddressFamilyIdentifier) throws -> AnnouncedRoute {
        switch try nlri(family) {
        case .unicast(let prefix): AnnouncedRoute(unicast: prefix)
        case .labeledUnicast(let prefix): AnnouncedRoute(labeledUnicast: prefix, labels: try labels(of: prefix))
        case .vpn(let vpnPrefix): AnnouncedRoute(vpnPrefix, labels: try labels(of: vpnPrefix.prefix))
        case .routeTargets(let membership): AnnouncedRoute(membership)
        case .multicastVPN(let route): AnnouncedRoute(route)
        case .evpn(let route): AnnouncedRoute(route)
        }
    }

    mutating func labels(of prefix: IPPrefix) throws -> LabelStack {
        // Behind a short prefix a second label cannot be told from the octets of the route (RFC 8277 §2.2).
        let mayHaveTwo = Int(prefix.length) > prefix.family.bits - 24
        let values = numbers(1...1, upTo: 0xFFFFF) + (mayHaveTwo && chance(30) ? numbers(1...1, upTo: 0xFFFFF) : [])
        return try required(LabelStack(try values.map { try label($0) }))
    }

    /// - Parameter largestAS: 65535 where a peer of two octets must get it over without AS4_PATH.
    mutating func attributes(largestAS: UInt32) throws -> PathAttributes {
        var contents = PathAttributes.Contents()
        contents.origin = Origin.allCases.randomElement(using: &self) ?? .igp
        contents.asPath = ASPath(sequence: numbers(0...6, upTo: largestAS))
        if chance(20) { contents.asPath.segments.append(.set(numbers(1...4, upTo: largestAS))) }
        contents.nextHop = nextHop()
        if chance(50) { contents.multiExitDiscriminator = UInt32(truncatingIfNeeded: next()) }
        if chance(50) { contents.localPreference = UInt32(truncatingIfNeeded: next()) }
        contents.atomicAggregate = chance(10)
        if chance(20) {
            let autonomousSystem = UInt32.random(in: 1...largestAS, using: &self)
            contents.aggregator = Aggregator(
                autonomousSystem: autonomousSystem, address: IPv4Address(rawValue: UInt32(truncatingIfNeeded: next())))
        }
        contents.communities = numbers(0...4, upTo: .max).map(Community.init(rawValue:))
        if chance(20) { contents.originatorIdentifier = IPv4Address(rawValue: UInt32(truncatingIfNeeded: next())) }
        contents.clusterList = numbers(0...2, upTo: .max).map(IPv4Address.init(rawValue:))
        contents.extendedCommunities = (0..<Int.random(in: 0...40, using: &self)).map { _ in
            ExtendedCommunity(rawValue: next())
        }
        contents.largeCommunities = (0..<Int.random(in: 0...2, using: &self)).map {
            LargeCommunity(UInt32($0), UInt32(truncatingIfNeeded: next()), 7)
        }
        if chance(20) {
            contents.pmsiTunnel = PMSITunnel(
                flags: [.extended], typeCode: 6, labelField: UInt32.random(in: 0...0xFF_FFFF, using: &self),
                identifier: numbers(4...4, upTo: 255).map { UInt8($0) })
        }
        if chance(30) {
            let value = (0..<Int.random(in: 0...300, using: &self)).map { UInt8(truncatingIfNeeded: $0) }
            contents.unrecognized = [UnrecognizedAttribute(typeCode: 99, partial: true, value: value)]
        }
        return PathAttributes(contents)
    }

    /// A host's address; some of IPv6, with or without a link-local one.
    private mutating func nextHop() -> BGPNextHop {
        let host = UInt32.random(in: 0x0100_0000...0x7EFF_FFFF, using: &self)
        guard chance(30) else { return BGPNextHop(.ipv4(IPv4Address(rawValue: host))) }
        let linkLocal = chance(50) ? IPv6Address(rawValue: 0xFE80 << 112 | UInt128(host)) : nil
        return BGPNextHop(.ipv6(IPv6Address(rawValue: 0x2001_0DB8 << 96 | UInt128(host))), linkLocal: linkLocal)
    }

    mutating func update(largestAS: UInt32 = .max) throws -> Update {
        let family = try required(NLRICodec.all.randomElement(using: &self)).family
        let kind = try required(EVPNRoute.Kind.allCases.randomElement(using: &self))
        var announced = try (0..<Int.random(in: 0...40, using: &self)).map { _ in
            family == .evpn ? AnnouncedRoute(try evpnRoute(kind).route) : try route(family)
        }
        let withdrawn = try (0..<Int.random(in: 0...40, using: &self)).map { _ in try nlri(family) }
        guard !announced.isEmpty else { return Update(withdrawing: withdrawn) }
        var attributes = try attributes(largestAS: largestAS)
        if family == .evpn {
            // What stands beside the keys is of one length for one kind of route, and goes with all of them.
            let last = try evpnRoute(kind)
            announced = announced.dropLast() + [AnnouncedRoute(last.route)]
            if kind == .ipPrefix { announced = [AnnouncedRoute(last.route)] }
            attributes.evpn = last.attributes
        }
        if family != .evpn, family.subsequentAddressFamily != 5 { attributes.pmsiTunnel = nil }
        // RFC 4684 §4, RFC 6515 §2 and RFC 7432 §7 know one address.
        let isOfOneAddress = family == .routeTargets || family == .evpn || family.subsequentAddressFamily == 5
        if isOfOneAddress { attributes.nextHop = attributes.nextHop.map { BGPNextHop($0.address) } }
        return Update(announcing: announced, attributes: attributes, withdrawing: withdrawn)
    }
}
