import Addressing

/// OPEN (RFC 4271 §4.2): who the speaker is and what it can do.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+
///     |  version = 4  |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |     my autonomous system      |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |           hold time           |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                         BGP identifier                        |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     | opt parm len  |   optional parameters (variable)
///     +-+-+-+-+-+-+-+-+
public struct OpenMessage: Hashable, Sendable {
    /// AS_TRANS (RFC 6793 §9) stands in the two-octet field for an AS number that does not fit.
    public static let transitionAutonomousSystem: UInt16 = 23456

    /// The two-octet field as it stands on the wire.
    public let twoOctetAutonomousSystem: UInt16
    /// 0, or at least 3 seconds.
    public let holdTimeSeconds: UInt16
    public let identifier: IPv4Address
    public let capabilities: [Capability]

    /// - Parameter autonomousSystem: goes into the two-octet field if it fits; the four-octet capability is the
    ///   caller's to add.
    public init(
        autonomousSystem: UInt32, holdTimeSeconds: UInt16, identifier: IPv4Address, capabilities: [Capability]
    ) {
        twoOctetAutonomousSystem = UInt16(exactly: autonomousSystem) ?? Self.transitionAutonomousSystem
        self.holdTimeSeconds = holdTimeSeconds
        self.identifier = identifier
        self.capabilities = capabilities
    }

    /// The speaker's AS number: from the four-octet capability when there is one (RFC 6793 §4.1).
    public var autonomousSystem: UInt32 {
        fourOctetAutonomousSystem ?? UInt32(twoOctetAutonomousSystem)
    }

    /// The AS number in the four-octet capability.
    public var fourOctetAutonomousSystem: UInt32? {
        for case .fourOctetAutonomousSystem(let number) in capabilities { return number }
        return nil
    }

    /// The families that the speaker offers; without any multiprotocol capability that is unicast IPv4.
    public var families: Set<AddressFamilyIdentifier> {
        var families: Set<AddressFamilyIdentifier> = []
        for case .multiprotocol(let family) in capabilities { families.insert(family) }
        return families.isEmpty ? [.ipv4Unicast] : families
    }

    /// The families whose IPv4 routes may have a next hop of IPv6 (RFC 8950 §4).
    var extendedNextHops: Set<AddressFamilyIdentifier> {
        var families: Set<AddressFamilyIdentifier> = []
        for case .extendedNextHop(let some) in capabilities { families.formUnion(some) }
        return families
    }

    /// The families whose routes may have more than one label (RFC 8277 §2.1): of several capabilities the first counts.
    var multipleLabels: Set<AddressFamilyIdentifier> {
        for case .multipleLabels(let rows) in capabilities { return Set(rows.map(\.family)) }
        return []
    }

    /// The graceful restart capability; of several the last counts (RFC 4724 §3).
    public var gracefulRestart: GracefulRestartCapability? {
        var last: GracefulRestartCapability?
        for case .gracefulRestart(let capability) in capabilities { last = capability }
        return last
    }
}

extension OpenMessage {
    /// The message that follows the header.
    ///
    /// - Throws: the NOTIFICATION of RFC 4271 §6.2 for what is wrong whoever the peer should be; whether it is the
    ///   right peer is for the session to say.
    public init(body: ArraySlice<UInt8>) throws(NotificationMessage) {
        var reader = ByteReader(body)
        guard let version = reader.readUInt8(), let autonomousSystem = reader.readUInt16(),
            let holdTime = reader.readUInt16(), let identifier = reader.readUInt32(),
            var parametersLength = reader.readUInt8().map(Int.init)
        else { throw .malformedOpen }
        // The data of this error is the version that we do support.
        guard version == 4 else { throw NotificationMessage(.openMessageError, 1, data: [0, 4]) }
        guard holdTime == 0 || holdTime >= 3 else { throw NotificationMessage(.openMessageError, 6) }
        // RFC 6286 §2.2: any identifier but zero.
        guard identifier != 0 else { throw NotificationMessage(.openMessageError, 3) }
        // RFC 9072 §2: a first parameter of type 255 says that lengths have two octets from there on.
        let extended = parametersLength != 0 && reader.remaining.first == 255
        if extended {
            guard reader.readUInt8() != nil, let length = reader.readUInt16() else { throw .malformedOpen }
            parametersLength = Int(length)
        }
        guard parametersLength == reader.remainingCount else { throw .malformedOpen }
        var capabilities: [Capability] = []
        while !reader.isAtEnd {
            guard let type = reader.readUInt8(),
                let length = extended ? reader.readUInt16().map(Int.init) : reader.readUInt8().map(Int.init),
                let value = reader.readOctets(length)
            else { throw .malformedOpen }
            // RFC 5492 §4: type 2 is the only optional parameter in use.
            guard type == 2 else { throw NotificationMessage(.openMessageError, 4) }
            guard let decoded = Capability.decode(list: value) else { throw .malformedOpen }
            capabilities += decoded
        }
        twoOctetAutonomousSystem = autonomousSystem
        holdTimeSeconds = holdTime
        self.identifier = IPv4Address(rawValue: identifier)
        self.capabilities = capabilities
    }

    /// The whole message, header included.
    public var encoded: [UInt8] {
        var parameters = ByteWriter()
        let list = capabilities.flatMap(\.encoded)
        // One parameter holds all capabilities (RFC 5492 §4) as long as it fits its one octet of length.
        let extended = list.count > 253
        if extended {
            parameters.write(UInt8(255))
            parameters.write(UInt8(255))
            parameters.write(UInt16(clamping: list.count + 3))
            parameters.write(UInt8(2))
            parameters.write(UInt16(clamping: list.count))
        } else if list.isEmpty {
            parameters.write(UInt8(0))
        } else {
            parameters.write([UInt8(clamping: list.count + 2), 2, UInt8(clamping: list.count)])
        }
        parameters.write(list)
        var writer = ByteWriter()
        writer.write(UInt8(4))
        writer.write(twoOctetAutonomousSystem)
        writer.write(holdTimeSeconds)
        writer.write(identifier.rawValue)
        writer.write(parameters.bytes)
        return MessageHeader.message(.open, body: writer.bytes)
    }
}

extension NotificationMessage {
    /// RFC 4271 §6.2, last paragraph: malformed, and no subcode fits.
    static let malformedOpen = Self(.openMessageError)
}
