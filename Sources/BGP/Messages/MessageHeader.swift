/// The header of every BGP message (RFC 4271 §4.1): a marker of ones, the length with the header, the type.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                     marker (16 octets of 0xFF)                |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |          length               |      type     |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
public struct MessageHeader: Hashable, Sendable {
    /// The number of octets in a header, and so in the shortest message.
    public static let octets = 19
    /// The longest message without RFC 8654.
    public static let longestMessageOctets = 4096
    /// The longest message with RFC 8654.
    public static let longestExtendedMessageOctets = 65535

    /// The length of the whole message, 19 to 65535 octets.
    public let messageOctets: Int
    public let type: MessageType

    /// Reads the header in front of `octets`.
    ///
    /// - Returns: `nil` while there are fewer than 19 octets.
    /// - Throws: the NOTIFICATION to send (RFC 4271 §6.1) when the octets cannot be a message of at most
    ///   `longestMessageOctets`.
    public init?(_ octets: ArraySlice<UInt8>, longestMessageOctets: Int) throws(NotificationMessage) {
        var reader = ByteReader(octets)
        guard let marker = reader.readOctets(16), let length = reader.readUInt16(), let type = reader.readUInt8()
        else { return nil }
        guard marker.allSatisfy({ $0 == 0xFF }) else { throw .connectionNotSynchronized }
        guard let type = MessageType(rawValue: type) else { throw .badMessageType(type) }
        let longest = type.mayBeExtended ? longestMessageOctets : min(longestMessageOctets, Self.longestMessageOctets)
        guard type.lengths.contains(Int(length)), Int(length) <= longest else { throw .badMessageLength(length) }
        messageOctets = Int(length)
        self.type = type
    }

    /// A message of `type` around `body`, which must fit into 65535 octets with the header.
    static func message(_ type: MessageType, body: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(repeatElement(0xFF, count: 16))
        writer.write(UInt16(clamping: octets + body.count))
        writer.write(type.rawValue)
        writer.write(body)
        return writer.bytes
    }
}

/// The type of a message (RFC 4271 §4.1, RFC 2918 §3).
public enum MessageType: UInt8, Hashable, Sendable, CaseIterable {
    case open = 1
    case update = 2
    case notification = 3
    case keepalive = 4
    case routeRefresh = 5

    /// The lengths that RFC 4271 §6.1 and RFC 7313 §5 allow, before the limit of the session.
    var lengths: ClosedRange<Int> {
        let longest = MessageHeader.longestExtendedMessageOctets
        return switch self {
        case .open: 29...longest
        case .update: 23...longest
        case .notification: 21...longest
        case .keepalive: 19...19
        case .routeRefresh: 23...longest
        }
    }

    /// RFC 8654 §4: OPEN and KEEPALIVE stay within 4096 octets.
    var mayBeExtended: Bool { self != .open && self != .keepalive }
}
