/// Whether what stands for labels in MVPN and EVPN routes is anything else.
extension PathAttributes {
    /// Attributes that nobody here reads further, and by which label fields have other numbers than labels of MPLS.
    public static let typesThatSayEncapsulations: Set<UInt8> = [tunnelEncapsulation, prefixSegment]

    /// IANA "BGP Path Attributes": Tunnel Encapsulation (RFC 9012) and BGP Prefix-SID (RFC 8669).
    private static let (tunnelEncapsulation, prefixSegment): (UInt8, UInt8) = (23, 40)

    /// Whether the label fields are VNIs, by the encapsulation community or by a tunnel of the attribute, which says the same (RFC 9012
    /// §4.1), or bits of a segment of SRv6 (RFC 9252 §4). An attribute that cannot be read may say anything.
    public var hasOtherThanLabels: Bool {
        if contents.extendedCommunities.contains(where: \.saysVNIs) { return true }
        return contents.unrecognized.contains { attribute in
            switch attribute.typeCode {
            case Self.tunnelEncapsulation: return Self.saysVNIs(attribute.value)
            case Self.prefixSegment: return Self.saysSegments(attribute.value)
            default: return false
            }
        }
    }

    /// RFC 9012 §2: each tunnel has its type and its length, in two octets each.
    private static func saysVNIs(_ value: [UInt8]) -> Bool {
        var reader = ByteReader(value[...])
        while !reader.isAtEnd {
            guard let type = reader.readUInt16(), let count = reader.readUInt16(),
                reader.readOctets(Int(count)) != nil, !ExtendedCommunity.isOfVNIs(encapsulation: type)
            else { return true }
        }
        return false
    }

    /// RFC 8669 §3: each TLV has its type in one octet and its length in two; 5 and 6 are services over SRv6 (RFC 9252 §2).
    private static func saysSegments(_ value: [UInt8]) -> Bool {
        var reader = ByteReader(value[...])
        while !reader.isAtEnd {
            guard let type = reader.readUInt8(), let count = reader.readUInt16(),
                reader.readOctets(Int(count)) != nil, type != 5, type != 6
            else { return true }
        }
        return false
    }
}
