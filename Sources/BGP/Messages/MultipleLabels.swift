/// A row of the Multiple Labels capability (RFC 8277 §2.1), four octets.
///
///     +------------------------------+
///     | AFI (2 octets)               |
///     +------------------------------+
///     | SAFI (1 octet)               |
///     +------------------------------+
///     | Count (1 octet)              |
///     +------------------------------+
public struct MultipleLabels: Hashable, Sendable {
    public let family: AddressFamilyIdentifier
    /// How many labels a route of the family may come with; 255 is any number.
    public let count: UInt8

    public init(_ family: AddressFamilyIdentifier, count: UInt8) {
        self.family = family
        self.count = count
    }

    /// A count of 0 or 1 says nothing, and of several rows of a family the first counts.
    static func rows(from reader: inout ByteReader) -> [MultipleLabels] {
        var rows: [MultipleLabels] = []
        while let afi = reader.readUInt16(), let safi = reader.readUInt8(), let count = reader.readUInt8() {
            let family = AddressFamilyIdentifier(addressFamily: afi, subsequentAddressFamily: safi)
            guard count > 1, !rows.contains(where: { $0.family == family }) else { continue }
            rows.append(MultipleLabels(family, count: count))
        }
        return rows
    }
}
