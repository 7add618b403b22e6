/// The subcodes of a Cease (RFC 4486 §4, RFC 8538 §4, RFC 9384 §3).
public enum CeaseSubcode: UInt8, Hashable, Sendable, CaseIterable {
    case maximumPrefixesReached = 1
    case administrativeShutdown = 2
    case peerDeconfigured = 3
    case administrativeReset = 4
    case connectionRejected = 5
    case otherConfigurationChange = 6
    case connectionCollisionResolution = 7
    case outOfResources = 8
    case hardReset = 9
    case bfdDown = 10
}

extension NotificationMessage {
    /// The longest shutdown communication, in octets (RFC 9003 §2).
    public static let longestShutdownCommunicationOctets = 255

    /// A Cease. `communication` is for the peer's operator and is sent with an administrative shutdown or reset only
    /// (RFC 9003 §2); what exceeds 255 octets of UTF-8 is cut between characters.
    public static func cease(_ subcode: CeaseSubcode, communication: String = "") -> NotificationMessage {
        guard subcode == .administrativeShutdown || subcode == .administrativeReset, !communication.isEmpty else {
            return NotificationMessage(.cease, subcode.rawValue)
        }
        var text: [UInt8] = []
        for character in communication {
            guard text.count + character.utf8.count <= longestShutdownCommunicationOctets else { break }
            text += character.utf8
        }
        return NotificationMessage(.cease, subcode.rawValue, data: [UInt8(truncatingIfNeeded: text.count)] + text)
    }

    /// RFC 4486 §4: the family and the limit go with the first subcode.
    public static func maximumPrefixesReached(
        family: AddressFamilyIdentifier, limit: UInt32
    ) -> NotificationMessage {
        var writer = ByteWriter()
        writer.write(family.addressFamily)
        writer.write(family.subsequentAddressFamily)
        writer.write(limit)
        return NotificationMessage(.cease, CeaseSubcode.maximumPrefixesReached.rawValue, data: writer.bytes)
    }

    /// RFC 8538 §3: the hard reset that carries this NOTIFICATION, its code and subcode in front of its data. The peer
    /// keeps no routes over it.
    var asHardReset: NotificationMessage {
        NotificationMessage(.cease, CeaseSubcode.hardReset.rawValue, data: [code, subcode] + data)
    }

    /// What a hard reset is for; `nil` for any other NOTIFICATION, and for a hard reset that carries none.
    public var resetReason: NotificationMessage? {
        guard ceaseSubcode == .hardReset, let reason = NotificationMessage(body: data[...]) else { return nil }
        // One inside another means nothing, and would be unpacked as deep as a peer likes.
        return reason.ceaseSubcode == .hardReset ? nil : reason
    }

    /// Whether our routes are not to be kept over this Cease by who gets it: somebody has ordered that the session end,
    /// or it stays down.
    public var endsForwarding: Bool {
        switch ceaseSubcode {
        case .administrativeShutdown, .administrativeReset, .peerDeconfigured, .maximumPrefixesReached,
            .otherConfigurationChange:
            true
        case nil, .connectionRejected, .connectionCollisionResolution, .outOfResources, .hardReset, .bfdDown: false
        }
    }

    /// The subcode, if this is a Cease with a known one.
    public var ceaseSubcode: CeaseSubcode? {
        code == Code.cease.rawValue ? CeaseSubcode(rawValue: subcode) : nil
    }

    /// What the peer's operator wrote (RFC 9003 §2); control characters and broken UTF-8 are replaced, so that it
    /// may be shown on a terminal.
    public var shutdownCommunication: String? {
        guard ceaseSubcode == .administrativeShutdown || ceaseSubcode == .administrativeReset,
            let length = data.first, length > 0, data.count == 1 + Int(length)
        else { return nil }
        let text = String(decoding: data.dropFirst(), as: UTF8.self)
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.isPrintable ? $0 : "\u{FFFD}" }))
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isPrintable: Bool {
        switch generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
