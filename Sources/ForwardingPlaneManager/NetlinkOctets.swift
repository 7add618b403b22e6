import Addressing

/// A part of a netlink message. Numbers are in the byte order of the host, which is that of both ends: little-endian on all
/// processors that the box runs on. Addresses and labels are in network byte order.
struct NetlinkOctets {
    let octets: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { self.octets = octets }

    var count: Int { octets.count }

    /// The octet at an offset; `nil` behind the end.
    subscript(offset: Int) -> UInt8? { offset < count ? octets[octets.startIndex + offset] : nil }

    /// A number of two octets; `nil` where it would pass the end.
    func uint16(at offset: Int) -> UInt16? {
        guard let low = self[offset], let high = self[offset + 1] else { return nil }
        return UInt16(low) | UInt16(high) << 8
    }

    func uint32(at offset: Int) -> UInt32? {
        guard let low = uint16(at: offset), let high = uint16(at: offset + 2) else { return nil }
        return UInt32(low) | UInt32(high) << 16
    }

    /// `length` octets from an offset on; `nil` where they would pass the end.
    func part(at offset: Int, length: Int) -> NetlinkOctets? {
        guard length >= 0, offset <= count - length else { return nil }
        let start = octets.startIndex + offset
        return NetlinkOctets(octets[start..<start + length])
    }

    /// What stands behind an offset.
    func rest(from offset: Int) -> NetlinkOctets { NetlinkOctets(octets.dropFirst(offset)) }

    /// An address that is all there is.
    func address(_ family: AddressFamily, _ field: FPMMalformation.Field) throws(FPMMalformation) -> IPAddress {
        guard count * 8 == family.bits else { throw .size(count, field) }
        var number: UInt128 = 0
        for octet in octets { number = number << 8 | UInt128(octet) }
        switch family {
        case .ipv4: return .ipv4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)))
        case .ipv6: return .ipv6(IPv6Address(rawValue: number))
        }
    }

    /// Label stack entries that are all there is, the outermost first (RFC 3032 §2.1). Implicit null is not pushed, and so is
    /// not among them.
    func labels() throws(FPMMalformation) -> [MPLSLabel] {
        guard count > 0, count % 4 == 0 else { throw .size(count, .label) }
        var labels: [MPLSLabel] = []
        for offset in stride(from: 0, to: count, by: 4) {
            var entry: UInt32 = 0
            for place in 0..<4 { entry = entry << 8 | UInt32(self[offset + place] ?? 0) }
            guard let label = MPLSLabel(rawValue: entry >> 12), label != .implicitNull else { continue }
            labels.append(label)
        }
        return labels
    }
}

/// The attributes of a netlink message by type: length (2), type (2), value, and padding to four octets.
struct NetlinkAttributes {
    private var values: [UInt16: NetlinkOctets] = [:]

    /// The two upper bits of a type say what the value is, and are no part of it.
    private static let typeMask: UInt16 = 0x3FFF
    private static let headerOctets = 4

    init(_ octets: NetlinkOctets) throws(FPMMalformation) {
        var rest = octets
        while rest.count > 0 {
            guard let length = rest.uint16(at: 0), let type = rest.uint16(at: 2) else {
                throw .attributeLength(rest.count)
            }
            guard Int(length) >= Self.headerOctets,
                let value = rest.part(at: Self.headerOctets, length: Int(length) - Self.headerOctets)
            else { throw .attributeLength(Int(length)) }
            values[type & Self.typeMask] = value
            // The padding behind the last one may be missing.
            rest = rest.rest(from: (Int(length) + 3) & ~3)
        }
    }

    subscript(type: UInt16) -> NetlinkOctets? { values[type] }

    /// A number of four octets; `nil` without the attribute.
    func uint32(_ type: UInt16, _ field: FPMMalformation.Field) throws(FPMMalformation) -> UInt32? {
        guard let value = values[type] else { return nil }
        guard value.count == 4, let number = value.uint32(at: 0) else { throw .size(value.count, field) }
        return number
    }
}
