/// The attributes' order, flags and errors: what RFC 7606 makes of each. Their values are in `AttributeValues.swift`.
extension UpdateDecoder {
    mutating func read(_ encoding: AttributeEncoding) {
        guard let type = AttributeType(rawValue: encoding.typeCode) else { return readUnrecognized(encoding) }
        if type == .pmsiTunnel || type == .peDistinguisherLabels { return tunnelAttributes.append(encoding) }
        readKnown(encoding, type)
    }

    /// The attributes of tunnels, now that the routes are known: of others than MVPN and EVPN they are some that nobody reads.
    mutating func readTunnelAttributes() {
        for encoding in tunnelAttributes {
            if signallingFamily != nil, let type = AttributeType(rawValue: encoding.typeCode) {
                readKnown(encoding, type)
            } else {
                readUnrecognized(encoding)
            }
        }
    }

    private mutating func readKnown(_ encoding: AttributeEncoding, _ type: AttributeType) {
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
            } else if encoding.flags.contains(.partial) {
                notePartial(type)
            }
        }
    }

    /// Of what is reflected as it came the Partial bit stays, too.
    private mutating func notePartial(_ type: AttributeType) {
        switch type {
        case .pmsiTunnel: contents.pmsiTunnel?.isPartial = true
        case .peDistinguisherLabels: contents.peDistinguisherLabels?.isPartial = true
        default: break
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

    /// RFC 4271 §6.3: the data is the attribute as it came.
    mutating func fault(_ damage: UpdateDamage, _ encoding: AttributeEncoding, subcode: UInt8) {
        let notification = NotificationMessage(.updateMessageError, subcode, data: encoding.octets)
        let fault = UpdateFault(damage, attribute: encoding.typeCode, notification)
        if encoding.typeCode == AttributeType.onlyToCustomer.rawValue { malformedOTC = fault }
        faults.append(fault)
    }
}

/// The subcodes of an UPDATE message error (RFC 4271 §6.3).
enum UpdateErrorSubcode {
    static let unrecognizedWellKnown: UInt8 = 2
    static let attributeFlags: UInt8 = 4
    static let attributeLength: UInt8 = 5
    static let invalidOrigin: UInt8 = 6
    static let nextHop: UInt8 = 8
    static let optionalAttribute: UInt8 = 9
    static let asPath: UInt8 = 11
}
