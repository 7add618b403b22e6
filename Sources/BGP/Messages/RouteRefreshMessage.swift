/// ROUTE-REFRESH (RFC 2918 §3, RFC 7313 §3.2).
///
///      0       7      15      23      31
///     +-------+-------+-------+-------+
///     |      AFI      |subtype| SAFI  |
///     +-------+-------+-------+-------+
public struct RouteRefreshMessage: Hashable, Sendable {
    /// The third octet, which RFC 7313 made the message subtype.
    public enum Subtype: UInt8, Hashable, Sendable, CaseIterable {
        case request = 0
        /// BoRR: all routes of the family follow.
        case beginning = 1
        /// EoRR: all routes of the family have been sent.
        case end = 2
    }

    public let family: AddressFamilyIdentifier
    public let subtype: Subtype

    public init(family: AddressFamilyIdentifier, subtype: Subtype = .request) {
        self.family = family
        self.subtype = subtype
    }
}

extension RouteRefreshMessage {
    /// The message that follows the header.
    ///
    /// - Returns: `nil` for an unknown subtype, which is ignored (RFC 7313 §5).
    /// - Throws: the NOTIFICATION for a wrong length (RFC 7313 §5).
    public init?(body: ArraySlice<UInt8>) throws(NotificationMessage) {
        var reader = ByteReader(body)
        guard let afi = reader.readUInt16(), let subtype = reader.readUInt8(), let safi = reader.readUInt8()
        else { throw .badRouteRefreshLength(body) }
        guard let subtype = Subtype(rawValue: subtype) else { return nil }
        // What follows a request are outbound route filters (RFC 5291), which are never offered here.
        guard subtype == .request || reader.isAtEnd else { throw .badRouteRefreshLength(body) }
        self.init(
            family: AddressFamilyIdentifier(addressFamily: afi, subsequentAddressFamily: safi), subtype: subtype)
    }

    /// The whole message, header included.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(family.addressFamily)
        writer.write([subtype.rawValue, family.subsequentAddressFamily])
        return MessageHeader.message(.routeRefresh, body: writer.bytes)
    }
}

/// KEEPALIVE (RFC 4271 §4.4): the header alone.
public enum KeepaliveMessage {
    public static let encoded = MessageHeader.message(.keepalive, body: [])
}
