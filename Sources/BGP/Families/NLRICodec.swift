import Addressing

/// How the routes of one family stand in MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760 §5): a row of the table of
/// families. What is not in the table is not read; what is in it may be offered to a neighbor or not.
///
/// A family whose routes are no prefixes is a new ``Layout``, a new case of ``NLRI`` and a row.
package struct NLRICodec: Hashable, Sendable {
    /// What a route is made of.
    enum Layout: Hashable {
        /// A prefix (RFC 4760 §5).
        case unicast
        /// Labels and a prefix (RFC 8277 §2.2).
        case labeledUnicast
        /// Labels, a route distinguisher and a prefix (RFC 4364 §4.3.4); the next hop has a distinguisher, too.
        case vpn
        /// An AS and the beginning of a route target, or nothing (RFC 4684 §4).
        case routeTargets
        /// A type and what it is made of (RFC 6514 §4).
        case multicastVPN(AddressFamily)
        /// A type and what it is made of (RFC 7432 §7).
        case evpn
    }

    package let family: AddressFamilyIdentifier
    /// Of the prefixes; without any that of a next hop that is written as it is.
    let addressFamily: AddressFamily
    let layout: Layout

    /// The table.
    package static let all = [
        NLRICodec(family: .ipv4Unicast, addressFamily: .ipv4, layout: .unicast),
        NLRICodec(family: .ipv6Unicast, addressFamily: .ipv6, layout: .unicast),
        NLRICodec(family: .ipv4LabeledUnicast, addressFamily: .ipv4, layout: .labeledUnicast),
        NLRICodec(family: .ipv6LabeledUnicast, addressFamily: .ipv6, layout: .labeledUnicast),
        NLRICodec(family: .vpnIPv4, addressFamily: .ipv4, layout: .vpn),
        NLRICodec(family: .vpnIPv6, addressFamily: .ipv6, layout: .vpn),
        NLRICodec(family: .routeTargets, addressFamily: .ipv4, layout: .routeTargets),
        NLRICodec(family: .ipv4MVPN, addressFamily: .ipv4, layout: .multicastVPN(.ipv4)),
        NLRICodec(family: .ipv6MVPN, addressFamily: .ipv4, layout: .multicastVPN(.ipv6)),
        NLRICodec(family: .evpn, addressFamily: .ipv4, layout: .evpn),
    ]

    /// The unicast IPv4 routes of an UPDATE's own fields look like this, too (RFC 4271 §4.3).
    static let ipv4Unicast = NLRICodec(family: .ipv4Unicast, addressFamily: .ipv4, layout: .unicast)

    private init(family: AddressFamilyIdentifier, addressFamily: AddressFamily, layout: Layout) {
        self.family = family
        self.addressFamily = addressFamily
        self.layout = layout
    }

    /// The row of `family`; `nil` for one that is not in the table.
    init?(_ family: AddressFamilyIdentifier) {
        guard let row = Self.all.first(where: { $0.family == family }) else { return nil }
        self = row
    }

    /// Whether the next hop is an address of either family, whatever was negotiated (RFC 4684 §4, RFC 6515 §2, RFC 7432 §7).
    var takesAnyNextHop: Bool { layout == .routeTargets || isTyped }

    /// Whether its routes begin with their type, so that they are read by ``readTyped(from:)`` alone.
    var isTyped: Bool {
        switch layout {
        case .unicast, .labeledUnicast, .vpn, .routeTargets: false
        case .multicastVPN, .evpn: true
        }
    }

    /// What stands for a route that begins with its type.
    enum TypedRoute {
        case known(AnnouncedRoute, EVPNRouteAttributes?)
        /// What identifies it can be read, and what stands behind that cannot.
        case malformed(NLRI)
        /// A type that nobody here knows (RFC 7606 §5.4).
        case ofUnknownType
        /// What is to be discarded (RFC 6514 §4.5).
        case unwanted
    }

    /// Takes one such route off the front, announced or withdrawn; `nil` when nobody can say which one it is: the family cannot be read
    /// any further (RFC 7606 §5.3, RFC 6515 §2).
    func readTyped(from reader: inout ByteReader) -> TypedRoute? {
        guard let type = reader.readUInt8(), let count = reader.readUInt8(), let value = reader.readOctets(Int(count))
        else { return nil }
        switch layout {
        case .multicastVPN(let family):
            guard let kind = MulticastVPNRoute.Kind(rawValue: type) else { return .ofUnknownType }
            guard let route = MulticastVPNRoute(family, kind, value) else { return nil }
            return route.isOfSourceSpecificGroup ? .unwanted : .known(AnnouncedRoute(route), nil)
        case .evpn:
            guard let kind = EVPNRoute.Kind(rawValue: type) else { return .ofUnknownType }
            guard let (route, attributes) = EVPNRoute.reading(kind, value) else { return nil }
            guard let attributes else { return .malformed(.evpn(route)) }
            return .known(AnnouncedRoute(route), attributes)
        case .unicast, .labeledUnicast, .vpn, .routeTargets: return nil
        }
    }

    /// Takes one announced route off the front; `nil` when its lengths are impossible (RFC 7606 §5.3).
    /// - Parameter hasSeveralLabels: whether its labels end with the one that has the S bit (RFC 8277 §2.3).
    func readAnnounced(from reader: inout ByteReader, hasSeveralLabels: Bool) -> AnnouncedRoute? {
        guard var bits = reader.readUInt8().map(Int.init) else { return nil }
        switch layout {
        case .unicast:
            return reader.readPrefix(bits: bits, addressFamily).map(AnnouncedRoute.init(unicast:))
        case .labeledUnicast:
            guard
                let labels = readLabels(from: &reader, bits: &bits, hasSeveralLabels, longestRest: addressFamily.bits),
                let prefix = reader.readPrefix(bits: bits, addressFamily)
            else { return nil }
            return AnnouncedRoute(labeledUnicast: prefix, labels: labels)
        case .vpn:
            let longestRest = 64 + addressFamily.bits
            guard let labels = readLabels(from: &reader, bits: &bits, hasSeveralLabels, longestRest: longestRest),
                let vpnPrefix = reader.readVPNPrefix(bits: bits, addressFamily)
            else { return nil }
            return AnnouncedRoute(vpnPrefix, labels: labels)
        case .routeTargets:
            return reader.readRouteTargets(bits: bits).map { AnnouncedRoute($0) }
        case .multicastVPN, .evpn: return nil
        }
    }

    private func readLabels(
        from reader: inout ByteReader, bits: inout Int, _ hasSeveralLabels: Bool, longestRest: Int
    ) -> LabelStack? {
        hasSeveralLabels ? reader.readLabelStack(bits: &bits) : reader.readLabels(bits: &bits, longestRest: longestRest)
    }

    /// Takes one withdrawn route off the front; `nil` when its lengths are impossible.
    func readWithdrawn(from reader: inout ByteReader) -> NLRI? {
        guard var bits = reader.readUInt8().map(Int.init) else { return nil }
        switch layout {
        case .unicast:
            return reader.readPrefix(bits: bits, addressFamily).map(NLRI.unicast)
        case .labeledUnicast:
            guard reader.skipWithdrawnLabel(bits: &bits) else { return nil }
            return reader.readPrefix(bits: bits, addressFamily).map(NLRI.labeledUnicast)
        case .vpn:
            guard reader.skipWithdrawnLabel(bits: &bits) else { return nil }
            return reader.readVPNPrefix(bits: bits, addressFamily).map(NLRI.vpn)
        case .routeTargets:
            return reader.readRouteTargets(bits: bits).map(NLRI.routeTargets)
        case .multicastVPN, .evpn: return nil
        }
    }
}

/// Routes that begin with their type, as text that stands for one and no other.
extension NLRI {
    /// Its octets in hexadecimal, those that do not identify it as zero; `nil` for routes of other families.
    package var octets: String? {
        switch self {
        case .unicast, .labeledUnicast, .vpn, .routeTargets: return nil
        case .multicastVPN, .evpn: break
        }
        var writer = ByteWriter()
        writer.write(withdrawn: self)
        return writer.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// `nil` where the text is none of a route of the family, or the family has other routes.
    package init?(octets text: some StringProtocol, _ family: AddressFamilyIdentifier) {
        guard let codec = NLRICodec(family), codec.isTyped, text.count % 2 == 0 else { return nil }
        var octets: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard rest.first?.isHexDigit == true, let octet = UInt8(rest.prefix(2), radix: 16) else { return nil }
            octets.append(octet)
            rest = rest.dropFirst(2)
        }
        var reader = ByteReader(octets[...])
        guard case .known(let route, _)? = codec.readTyped(from: &reader), reader.isAtEnd else { return nil }
        self = route.nlri
    }
}
