/// A capability that a speaker advertises in its OPEN (RFC 5492).
public enum Capability: Hashable, Sendable {
    /// RFC 4760 §8.
    case multiprotocol(AddressFamilyIdentifier)
    /// RFC 2918 §2.
    case routeRefresh
    /// RFC 8950 §4: the families whose routes are IPv4 ones and may have a next hop of IPv6.
    case extendedNextHop([AddressFamilyIdentifier])
    /// RFC 8654 §3: messages of up to 65535 octets.
    case extendedMessage
    /// RFC 8277 §2.1: how many labels the speaker takes with a route of each family, two at least.
    case multipleLabels([MultipleLabels])
    /// RFC 4724 §3.
    case gracefulRestart(GracefulRestartCapability)
    /// RFC 6793 §3.
    case fourOctetAutonomousSystem(UInt32)
    /// RFC 7313 §3.1.
    case enhancedRouteRefresh
    /// Any other; ignored (RFC 5492 §3).
    case unrecognized(code: UInt8, value: [UInt8])

    /// The number in IANA's "Capability Codes".
    public var code: UInt8 {
        switch self {
        case .multiprotocol: 1
        case .routeRefresh: 2
        case .extendedNextHop: 5
        case .extendedMessage: 6
        case .multipleLabels: 8
        case .gracefulRestart: 64
        case .fourOctetAutonomousSystem: 65
        case .enhancedRouteRefresh: 70
        case .unrecognized(let code, _): code
        }
    }

    /// The capabilities in one optional parameter; `nil` when their lengths do not add up.
    static func decode(list: ArraySlice<UInt8>) -> [Capability]? {
        var reader = ByteReader(list)
        var capabilities: [Capability] = []
        while !reader.isAtEnd {
            guard let code = reader.readUInt8(), let length = reader.readUInt8(),
                let value = reader.readOctets(Int(length))
            else { return nil }
            capabilities.append(Capability(code: code, value: value))
        }
        return capabilities
    }

    /// One of a known code whose value has the wrong length counts as unrecognized: the peer then lacks it.
    private init(code: UInt8, value: ArraySlice<UInt8>) {
        var reader = ByteReader(value)
        switch (code, value.count) {
        case (1, 4):
            let afi = reader.readUInt16() ?? 0
            _ = reader.readUInt8()
            let family = AddressFamilyIdentifier(
                addressFamily: afi, subsequentAddressFamily: reader.readUInt8() ?? 0)
            self = .multiprotocol(family)
        case (2, 0): self = .routeRefresh
        case (5, let count) where count % 6 == 0: self = .extendedNextHop(Self.extendedNextHops(from: &reader))
        case (6, 0): self = .extendedMessage
        case (8, let count) where count % 4 == 0: self = .multipleLabels(MultipleLabels.rows(from: &reader))
        case (65, 4): self = .fourOctetAutonomousSystem(reader.readUInt32() ?? 0)
        case (70, 0): self = .enhancedRouteRefresh
        default:
            if code == 64, let restart = GracefulRestartCapability(value: value) {
                self = .gracefulRestart(restart)
            } else {
                self = .unrecognized(code: code, value: Array(value))
            }
        }
    }

    /// IANA "Address Family Numbers".
    private static let ipv6AddressFamily: UInt16 = 2

    /// The rows of the capability, six octets each. What is said of next hops of other families is of no use here.
    ///
    ///     +-----------------------------------------------------+
    ///     | NLRI AFI (2 octets)                                 |
    ///     +-----------------------------------------------------+
    ///     | NLRI SAFI (2 octets)                                |
    ///     +-----------------------------------------------------+
    ///     | Nexthop AFI (2 octets)                              |
    ///     +-----------------------------------------------------+
    private static func extendedNextHops(from reader: inout ByteReader) -> [AddressFamilyIdentifier] {
        var families: [AddressFamilyIdentifier] = []
        while let afi = reader.readUInt16(), let safi = reader.readUInt16(), let nextHop = reader.readUInt16() {
            guard nextHop == ipv6AddressFamily, let safi = UInt8(exactly: safi) else { continue }
            families.append(AddressFamilyIdentifier(addressFamily: afi, subsequentAddressFamily: safi))
        }
        return families
    }

    /// Code, length and value; a value beyond 255 octets is cut at 255.
    var encoded: [UInt8] {
        let value = Array(self.value.prefix(255))
        return [code, UInt8(clamping: value.count)] + value
    }

    private var value: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .multiprotocol(let family):
            writer.write(family.addressFamily)
            writer.write([0, family.subsequentAddressFamily])
        case .extendedNextHop(let families):
            for family in families {
                writer.write(family.addressFamily)
                writer.write(UInt16(family.subsequentAddressFamily))
                writer.write(Self.ipv6AddressFamily)
            }
        case .multipleLabels(let rows):
            for row in rows {
                writer.write(row.family.addressFamily)
                writer.write([row.family.subsequentAddressFamily, row.count])
            }
        case .gracefulRestart(let restart): writer.write(restart.value)
        case .fourOctetAutonomousSystem(let number): writer.write(number)
        case .unrecognized(_, let value): writer.write(value)
        case .routeRefresh, .extendedMessage, .enhancedRouteRefresh: break
        }
        return writer.bytes
    }
}
