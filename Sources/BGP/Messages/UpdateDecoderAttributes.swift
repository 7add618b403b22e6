import Addressing

/// The attributes, each with the damage that RFC 7606 §7 gives to its errors.
extension UpdateDecoder {
    mutating func read(_ encoding: AttributeEncoding) {
        guard let type = AttributeType(rawValue: encoding.typeCode) else { return readUnrecognized(encoding) }
        if context.isExternal, type.isInternalOnly {
            return fault(.attributeDiscard, encoding, subcode: UpdateErrorSubcode.optionalAttribute)
        }
        // RFC 7606 §3 c. The routes must be read all the same, to be withdrawn.
        if encoding.flags.category != type.flags {
            let damage: UpdateDamage = type == .onlyToCustomer ? .attributeDiscard : .treatAsWithdraw
            fault(damage, encoding, subcode: UpdateErrorSubcode.attributeFlags)
            guard type == .reachable || type == .unreachable else { return }
        }
        switch type {
        case .reachable: readReachable(encoding)
        case .unreachable: readUnreachable(encoding)
        case .attributeSet:
            guard let set = AttributeSet(encoding) else {
                return fault(type.damageWhenMalformed, encoding, subcode: UpdateErrorSubcode.optionalAttribute)
            }
            contents.attributeSet = set
        default:
            if let subcode = readValue(type, encoding.value) {
                fault(type.damageWhenMalformed, encoding, subcode: subcode)
            }
        }
    }

    /// Optional transitive attributes are kept for passing on, other optional ones dropped; a well-known attribute
    /// that nobody here knows is an error of the session (RFC 4271 §5, §6.3).
    private mutating func readUnrecognized(_ encoding: AttributeEncoding) {
        if !encoding.flags.contains(.optional) {
            fault(.sessionReset, encoding, subcode: UpdateErrorSubcode.unrecognizedWellKnown)
        } else if encoding.flags.contains(.transitive) {
            let attribute = UnrecognizedAttribute(
                typeCode: encoding.typeCode, partial: encoding.flags.contains(.partial), value: Array(encoding.value))
            let index = contents.unrecognized.firstIndex { $0.typeCode > attribute.typeCode }
            contents.unrecognized.insert(attribute, at: index ?? contents.unrecognized.endIndex)
        }
    }

    /// The subcode of the error; `nil` when the value is well-formed and has been taken.
    private mutating func readValue(_ type: AttributeType, _ value: ArraySlice<UInt8>) -> UInt8? {
        switch type {
        case .origin:
            guard value.count == 1, let code = value.first else { return UpdateErrorSubcode.attributeLength }
            guard let origin = Origin(rawValue: code) else { return UpdateErrorSubcode.invalidOrigin }
            contents.origin = origin
        case .asPath:
            let octetsEach = context.fourOctetAutonomousSystems ? 4 : 2
            guard let path = ASPath(value: value, octetsEach: octetsEach) else { return UpdateErrorSubcode.asPath }
            contents.asPath = path
        case .nextHop:
            // It is for unicast IPv4; VPN routes have theirs in MP_REACH_NLRI (RFC 4760 §3).
            guard value.count == 4 else { return UpdateErrorSubcode.attributeLength }
        case .multiExitDiscriminator:
            guard let metric = number(value) else { return UpdateErrorSubcode.attributeLength }
            contents.multiExitDiscriminator = metric
        case .localPreference:
            guard let preference = number(value) else { return UpdateErrorSubcode.attributeLength }
            contents.localPreference = preference
        case .atomicAggregate:
            guard value.isEmpty else { return UpdateErrorSubcode.attributeLength }
            contents.atomicAggregate = true
        case .aggregator:
            let octets = context.fourOctetAutonomousSystems ? 4 : 2
            guard let aggregator = Aggregator(value: value, autonomousSystemOctets: octets) else {
                return UpdateErrorSubcode.attributeLength
            }
            contents.aggregator = aggregator
        case .communities:
            guard let values = ByteReader.numbers(value, octetsEach: 4) else {
                return UpdateErrorSubcode.attributeLength
            }
            contents.communities = values.map { Community(rawValue: UInt32(truncatingIfNeeded: $0)) }
        case .originatorIdentifier:
            guard let identifier = number(value) else { return UpdateErrorSubcode.attributeLength }
            contents.originatorIdentifier = IPv4Address(rawValue: identifier)
        case .clusterList:
            guard let values = ByteReader.numbers(value, octetsEach: 4) else {
                return UpdateErrorSubcode.attributeLength
            }
            contents.clusterList = values.map { IPv4Address(rawValue: UInt32(truncatingIfNeeded: $0)) }
        case .extendedCommunities:
            guard let values = ByteReader.numbers(value, octetsEach: 8) else {
                return UpdateErrorSubcode.attributeLength
            }
            contents.extendedCommunities = values.map(ExtendedCommunity.init(rawValue:))
        case .largeCommunities:
            guard let communities = LargeCommunity.decode(list: value) else {
                return UpdateErrorSubcode.attributeLength
            }
            contents.largeCommunities = communities
        case .as4Path:
            // RFC 6793 §4.1: not for a speaker of four octets.
            guard !context.fourOctetAutonomousSystems, let path = ASPath(value: value, octetsEach: 4) else {
                return UpdateErrorSubcode.optionalAttribute
            }
            as4Path = path
        case .as4Aggregator:
            guard !context.fourOctetAutonomousSystems,
                let aggregator = Aggregator(value: value, autonomousSystemOctets: 4)
            else { return UpdateErrorSubcode.optionalAttribute }
            as4Aggregator = aggregator
        case .onlyToCustomer:
            guard value.count == 4 else { return UpdateErrorSubcode.attributeLength }
        case .reachable, .unreachable, .attributeSet: break
        }
        return nil
    }

    /// RFC 4271 §6.3: the data is the attribute as it came.
    mutating func fault(_ damage: UpdateDamage, _ encoding: AttributeEncoding, subcode: UInt8) {
        let notification = NotificationMessage(.updateMessageError, subcode, data: encoding.octets)
        faults.append(UpdateFault(damage, attribute: encoding.typeCode, notification))
    }

    private func number(_ value: ArraySlice<UInt8>) -> UInt32? {
        var reader = ByteReader(value)
        guard let number = reader.readUInt32(), reader.isAtEnd else { return nil }
        return number
    }
}

/// The subcodes of an UPDATE message error (RFC 4271 §6.3).
enum UpdateErrorSubcode {
    static let unrecognizedWellKnown: UInt8 = 2
    static let attributeFlags: UInt8 = 4
    static let attributeLength: UInt8 = 5
    static let invalidOrigin: UInt8 = 6
    static let optionalAttribute: UInt8 = 9
    static let asPath: UInt8 = 11
}
