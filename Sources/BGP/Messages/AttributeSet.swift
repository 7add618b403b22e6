/// ATTR_SET (RFC 6368 §5): the attributes that a route has in the customer's own network, carried through the
/// operators' networks unchanged.
///
///     +------------------------------+
///     | origin AS (4 octets)         |
///     +------------------------------+
///     | path attributes (variable)   |  AS numbers in them have four octets
///     +------------------------------+
///
/// It is checked like the attributes of an UPDATE, since a speaker that unpacks it at the customer's side would
/// stumble over what is malformed; what is in it and nobody here can check is left out.
public struct AttributeSet: Hashable, Sendable {
    public let originAutonomousSystem: UInt32
    /// The attributes as they stand on the wire.
    public let attributes: [UInt8]
    /// Whether the Partial bit was set when it came in.
    public let partial: Bool

    public init(originAutonomousSystem: UInt32, attributes: [UInt8], partial: Bool = false) {
        self.originAutonomousSystem = originAutonomousSystem
        self.attributes = attributes
        self.partial = partial
    }
}

extension AttributeSet {
    /// A set inside a set comes from a carrier's carrier; deeper than this nobody means it.
    private static let deepestNesting = 4

    /// `nil` when malformed.
    init?(_ encoding: AttributeEncoding) {
        self.init(encoding.value, partial: encoding.flags.contains(.partial), depth: 1)
    }

    private init?(_ value: ArraySlice<UInt8>, partial: Bool, depth: Int) {
        var reader = ByteReader(value)
        guard depth <= Self.deepestNesting, let autonomousSystem = reader.readUInt32() else { return nil }
        var checker = UpdateDecoder(
            context: UpdateContext(fourOctetAutonomousSystems: true, isExternal: false, families: []))
        var kept = ByteWriter()
        var seen: Set<UInt8> = []
        while !reader.isAtEnd {
            guard let encoding = AttributeEncoding(from: &reader), seen.insert(encoding.typeCode).inserted else {
                return nil
            }
            switch AttributeType(rawValue: encoding.typeCode) {
            // RFC 6368 §5: routes have no place in it, and neither has their next hop.
            case .reachable, .unreachable, .nextHop: return nil
            case .attributeSet:
                guard encoding.flags.category == AttributeType.attributeSet.flags,
                    let inner = AttributeSet(
                        encoding.value, partial: encoding.flags.contains(.partial), depth: depth + 1)
                else { return nil }
                kept.write(AttributeEncoding(inner).octets)
            case .onlyToCustomer, .pmsiTunnel, .peDistinguisherLabels, nil:
                // Optional ones that are not read here are left out.
                guard encoding.flags.contains(.optional) else { return nil }
            default:
                checker.read(encoding)
                guard checker.faults.isEmpty else { return nil }
                kept.write(encoding.octets)
            }
        }
        self.init(originAutonomousSystem: autonomousSystem, attributes: kept.bytes, partial: partial)
    }
}

extension AttributeEncoding {
    init(_ set: AttributeSet) {
        var writer = ByteWriter()
        writer.write(set.originAutonomousSystem)
        writer.write(set.attributes)
        self.init(.attributeSet, value: writer.bytes, partial: set.partial)
    }
}
