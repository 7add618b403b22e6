/// A field of the routes whose type says what they are made of: EVPN (RFC 7432 §7) and MCAST-VPN (RFC 6514 §4). On the wire
/// they all begin alike, so that one whose type nobody here knows can be passed over (RFC 7606 §5.4):
///
///     +-----------------------------------+
///     | Route Type (1 octet)              |
///     +-----------------------------------+
///     | Length (1 octet)                  |  of what follows, in octets
///     +-----------------------------------+
///     | Route Type specific (variable)    |
///     +-----------------------------------+
enum TypedRouteField {
    /// So many octets that identify the route.
    case key(Int)
    /// So many that are attributes of it and do not identify it (RFC 7432 §7.2).
    case attribute(Int)
    /// A length in bits and an address of so many octets, or of none.
    case address(octets: Set<Int>)
    /// A length in bits and a MAC address (RFC 7432 §7.2).
    case macAddress
    /// A length in bits and an address of so many octets, of which it counts (RFC 9136 §3.1).
    case prefix(octets: Int)
    /// The label at the end that may be there or not (RFC 7432 §7.2): an attribute.
    case lastLabel
    /// All that there is, at least so many octets: what a leaf answers, whose form depends on who asked (RFC 6514 §4.4, RFC 7524
    /// §6.2.2, RFC 9572 §3.3, RFC 9574 §4), and the leaf.
    case leaf(octets: Int)
    /// At the end, an address of either family.
    case lastAddress

    /// Whether it does not identify the route.
    fileprivate var isAttribute: Bool {
        switch self {
        case .attribute, .lastLabel: true
        case .key, .address, .macAddress, .prefix, .leaf, .lastAddress: false
        }
    }
}

/// A route of such a family in its two parts.
struct TypedRouteParts: Equatable {
    /// What identifies it.
    var key: [UInt8] = []
    /// What does not.
    var attributes: [UInt8] = []
    /// Whether what does not could be read.
    var isWhole = true
}

extension TypedRouteParts {
    /// `nil` where the octets do not say which route it is. Where they do, and are wrong behind that, the parts are not whole.
    init?(_ value: ArraySlice<UInt8>, _ fields: [TypedRouteField]) {
        var reader = ByteReader(value)
        for (index, field) in fields.enumerated() {
            if take(field, from: &reader) { continue }
            guard fields[index...].allSatisfy(\.isAttribute) else { return nil }
            isWhole = false
            return
        }
        guard !reader.isAtEnd else { return }
        guard fields.last?.isAttribute == true else { return nil }
        isWhole = false
    }

    /// Whether the octets begin as the field wants.
    private mutating func take(_ field: TypedRouteField, from reader: inout ByteReader) -> Bool {
        switch field {
        case .key(let count):
            guard let octets = reader.readOctets(count) else { return false }
            key += octets
        case .attribute(let count):
            guard let octets = reader.readOctets(count) else { return false }
            attributes += octets
        case .address(let lengths):
            guard let bits = reader.readUInt8(), bits % 8 == 0, lengths.contains(Int(bits) / 8),
                let octets = reader.readOctets(Int(bits) / 8)
            else { return false }
            key.append(bits)
            key += octets
        case .macAddress:
            guard reader.readUInt8() == 48, let octets = reader.readOctets(6) else { return false }
            key.append(48)
            key += octets
        case .prefix(let count):
            guard let bits = reader.readUInt8(), Int(bits) <= 8 * count, let octets = reader.readOctets(count)
            else { return false }
            key.append(bits)
            key += Self.masked(octets, bits: Int(bits))
        case .lastLabel:
            guard reader.isAtEnd || reader.remainingCount == 3 else { return false }
            attributes += reader.readOctets(reader.remainingCount) ?? []
        case .leaf(let least):
            guard reader.remainingCount >= least else { return false }
            key += reader.readOctets(reader.remainingCount) ?? []
        case .lastAddress:
            guard reader.remainingCount == 4 || reader.remainingCount == 16 else { return false }
            key += reader.readOctets(reader.remainingCount) ?? []
        }
        return true
    }

    /// Bits behind a prefix's length mean nothing and do not make it another one.
    private static func masked(_ octets: ArraySlice<UInt8>, bits: Int) -> [UInt8] {
        var masked: [UInt8] = []
        for (index, octet) in octets.enumerated() {
            let left = bits - 8 * index
            masked.append(left >= 8 ? octet : left <= 0 ? 0 : octet & ~(0xff >> UInt8(left)))
        }
        return masked
    }

    /// The octets of the wire. Where the attributes are missing, as in a withdrawn route, they are zero.
    func value(_ fields: [TypedRouteField]) -> [UInt8] {
        var keys = ByteReader(key[...])
        var others = ByteReader(attributes[...])
        var writer = ByteWriter()
        func copy(_ count: Int) { writer.write(keys.readOctets(count) ?? []) }
        func copyAddress() {
            let bits = keys.readUInt8() ?? 0
            writer.write(bits)
            copy(Int(bits) / 8)
        }
        for field in fields {
            switch field {
            case .key(let count): copy(count)
            case .attribute(let count):
                writer.write(others.readOctets(count) ?? [UInt8](repeating: 0, count: count)[...])
            case .address, .macAddress: copyAddress()
            case .prefix(let count): copy(1 + count)
            case .lastLabel: writer.write(others.readOctets(others.remainingCount) ?? [])
            case .leaf, .lastAddress: copy(keys.remainingCount)
            }
        }
        return writer.bytes
    }
}
