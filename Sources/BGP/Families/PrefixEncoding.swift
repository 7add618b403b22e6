import Addressing

/// The parts of which the routes of the table's families are put together.
///
///     +---------------------------+
///     | length in bits (1 octet)  |  of all that follows
///     +---------------------------+
///     | label, TC, S (3 octets)   |  RFC 8277 §2.2; one, or those of §2.3
///     +---------------------------+
///     | route distinguisher (8)   |  RFC 4364 §4.3.4, RFC 4659 §3.2
///     +---------------------------+
///     | prefix (0 to 4 or 16)     |  as many octets as its length needs
///     +---------------------------+
extension ByteReader {
    /// With the Multiple Labels capability of both sides labels are read up to the one that has the S bit (RFC 8277 §2.3);
    /// `nil`: there is none, and the route cannot be read (RFC 7606 §5.3).
    ///
    /// - Parameter bits: how long the route is; without the labels afterwards.
    mutating func readLabelStack(bits: inout Int) -> LabelStack? {
        var labels: [MPLSLabel] = []
        while true {
            guard let (label, isBottom) = readLabelField(bits: &bits) else { return nil }
            // Nearly all routes have one, and no array is made for that.
            if isBottom, labels.isEmpty { return .single(label) }
            labels.append(label)
            if isBottom { return .multiple(labels) }
        }
    }

    private mutating func readLabelField(bits: inout Int) -> (MPLSLabel, isBottom: Bool)? {
        guard bits >= 24, let field = readNumber(octets: 3),
            let label = MPLSLabel(rawValue: UInt32(truncatingIfNeeded: field >> 4))
        else { return nil }
        bits -= 24
        return (label, field & 1 == 1)
    }

    /// Without the capability there is one label field of three octets whatever its S bit says (RFC 8277 §2.2).
    ///
    /// - Parameters:
    ///   - bits: how long the route is; without the labels afterwards.
    ///   - longestRest: how long it can be behind the labels, in bits.
    mutating func readLabels(bits: inout Int, longestRest: Int) -> LabelStack? {
        var stack: LabelStack?
        while true {
            guard let (label, isBottom) = readLabelField(bits: &bits) else { return nil }
            stack = stack.flatMap { LabelStack($0.labels + [label]) } ?? .single(label)
            // Where the rest is longer than any of the family, a label without S has another behind it that we did not
            // ask for: such a route is named and counts as withdrawn (§2.1), where a broken length would cost the whole
            // family.
            guard !isBottom, bits > longestRest else { return stack }
        }
    }

    /// Of a withdrawn route the label field means nothing (RFC 8277 §2.4); `false` if there is no room for it.
    mutating func skipWithdrawnLabel(bits: inout Int) -> Bool {
        guard bits >= 24, readOctets(3) != nil else { return false }
        bits -= 24
        return true
    }

    /// A route distinguisher and a prefix, `bits` together.
    mutating func readVPNPrefix(bits: Int, _ family: AddressFamily) -> VPNPrefix? {
        guard bits >= 64, let routeDistinguisher = readUInt64(), let prefix = readPrefix(bits: bits - 64, family) else {
            return nil
        }
        return VPNPrefix(routeDistinguisher: RouteDistinguisher(rawValue: routeDistinguisher), prefix: prefix)
    }

    /// A prefix of `bits`. Those behind its length are of no significance (RFC 4271 §4.3) and are cleared.
    mutating func readPrefix(bits: Int, _ family: AddressFamily) -> IPPrefix? {
        guard bits <= family.bits, let octets = readOctets((bits + 7) / 8) else { return nil }
        let address: IPAddress
        switch family {
        case .ipv4:
            let number = octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(32 - 8 * octets.count)
            address = .ipv4(IPv4Address(rawValue: number))
        case .ipv6:
            let number = octets.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } << UInt128(128 - 8 * octets.count)
            address = .ipv6(IPv6Address(rawValue: number))
        }
        return IPPrefix(covering: address, length: bits)
    }
}

extension ByteWriter {
    /// What stands for the label of a withdrawn route (RFC 8277 §2.4).
    private static let withdrawLabel: UInt64 = 0x800000

    /// The octets of an announced route.
    /// - Parameter evpn: those of an EVPN route that do not identify it.
    mutating func write(_ route: AnnouncedRoute, evpn: EVPNRouteAttributes? = nil) {
        if writeTyped(route.nlri, evpn) { return }
        write(UInt8(clamping: route.bits))
        if let labels = route.labels { write(labels) }
        writeBehindLabels(route.nlri)
    }

    /// The octets of a withdrawn route.
    mutating func write(withdrawn nlri: NLRI) {
        if writeTyped(nlri, nil) { return }
        switch nlri {
        case .multicastVPN, .evpn: break
        case .unicast, .routeTargets: write(UInt8(clamping: nlri.bits))
        case .labeledUnicast, .vpn:
            write(UInt8(clamping: 24 + nlri.bits))
            writeNumber(Self.withdrawLabel, octets: 3)
        }
        writeBehindLabels(nlri)
    }

    /// Type, length and value of a route that has them; `false`: it has not.
    private mutating func writeTyped(_ nlri: NLRI, _ evpn: EVPNRouteAttributes?) -> Bool {
        let (type, value): (UInt8, [UInt8])
        switch nlri {
        case .unicast, .labeledUnicast, .vpn, .routeTargets: return false
        case .multicastVPN(let route): (type, value) = (route.kind.rawValue, route.key)
        case .evpn(let route): (type, value) = (route.kind.rawValue, route.value(with: evpn))
        }
        write([type, UInt8(clamping: value.count)])
        write(value)
        return true
    }

    private mutating func write(_ labels: LabelStack) {
        switch labels {
        case .single(let label): writeNumber(UInt64(label.rawValue) << 4 | 1, octets: 3)
        case .multiple(let labels):
            for label in labels.dropLast() { writeNumber(UInt64(label.rawValue) << 4, octets: 3) }
            if let bottom = labels.last { writeNumber(UInt64(bottom.rawValue) << 4 | 1, octets: 3) }
        }
    }

    private mutating func writeBehindLabels(_ nlri: NLRI) {
        if case .routeTargets(let membership) = nlri { return write(membership) }
        if case .vpn(let vpnPrefix) = nlri { write(vpnPrefix.routeDistinguisher.rawValue) }
        let octets = (Int(nlri.prefix.length) + 7) / 8
        switch nlri.prefix.address {
        case .ipv4(let address): writeNumber(UInt64(address.rawValue >> UInt32(32 - 8 * octets)), octets: octets)
        case .ipv6(let address): write(address.octets.prefix(octets))
        }
    }
}

extension NLRI {
    /// The length of the route in bits without labels.
    fileprivate var bits: Int {
        switch self {
        case .unicast(let prefix), .labeledUnicast(let prefix): Int(prefix.length)
        case .vpn(let vpnPrefix): 64 + Int(vpnPrefix.prefix.length)
        case .routeTargets(let membership): membership.bits
        // Their length is in octets, and behind their type.
        case .multicastVPN, .evpn: 0
        }
    }
}

extension AnnouncedRoute {
    /// The length of the route in bits, which has one octet on the wire.
    var bits: Int { 24 * (labels?.count ?? 0) + nlri.bits }
}
