import Addressing

/// The two attributes that carry routes.
extension UpdateDecoder {
    /// MP_REACH_NLRI (RFC 4760 §3).
    ///
    ///     +---------------------------------------------------------+
    ///     | Address Family Identifier (2 octets)                    |
    ///     +---------------------------------------------------------+
    ///     | Subsequent Address Family Identifier (1 octet)          |
    ///     +---------------------------------------------------------+
    ///     | Length of Next Hop Network Address (1 octet)            |
    ///     +---------------------------------------------------------+
    ///     | Network Address of Next Hop (variable)                  |
    ///     +---------------------------------------------------------+
    ///     | Reserved (1 octet)                                      |
    ///     +---------------------------------------------------------+
    ///     | Network Layer Reachability Information (variable)       |
    ///     +---------------------------------------------------------+
    mutating func readReachable(_ encoding: AttributeEncoding) {
        var reader = ByteReader(encoding.value)
        // RFC 7606 §7.11: without the next hop the routes cannot be found.
        guard let family = readFamily(from: &reader), let nextHopLength = reader.readUInt8(),
            let nextHop = reader.readOctets(Int(nextHopLength)), reader.readUInt8() != nil
        else {
            return fault(.sessionReset, encoding, subcode: UpdateErrorSubcode.optionalAttribute)
        }
        announcesRoutes = announcesRoutes || !reader.isAtEnd
        guard context.families.contains(family), let codec = NLRICodec(family) else {
            ignoredFamilies.insert(family)
            return
        }
        guard let nextHop = codec.nextHop(from: nextHop, isExtended: context.extendedNextHops.contains(family)) else {
            return fault(.familyDisable(family), encoding, subcode: UpdateErrorSubcode.optionalAttribute)
        }
        contents.nextHop = nextHop
        if codec.isTyped {
            signallingFamily = family
            return readTyped(from: &reader, codec, encoding) { decoder, route, attributes in
                decoder.announced.append(route)
                if let attributes { decoder.evpnAttributes.append(attributes) }
            }
        }
        let hasSeveralLabels = context.multipleLabels.contains(family)
        while !reader.isAtEnd {
            guard let route = codec.readAnnounced(from: &reader, hasSeveralLabels: hasSeveralLabels) else {
                return fault(.familyDisable(family), encoding, subcode: UpdateErrorSubcode.optionalAttribute)
            }
            announced.append(route)
        }
    }

    /// MP_UNREACH_NLRI (RFC 4760 §4): the family and the routes.
    mutating func readUnreachable(_ encoding: AttributeEncoding) {
        var reader = ByteReader(encoding.value)
        guard let family = readFamily(from: &reader) else {
            return fault(.sessionReset, encoding, subcode: UpdateErrorSubcode.optionalAttribute)
        }
        if reader.isAtEnd { emptyUnreachable = family }
        guard context.families.contains(family), let codec = NLRICodec(family) else {
            ignoredFamilies.insert(family)
            return
        }
        if codec.isTyped {
            return readTyped(from: &reader, codec, encoding) { decoder, route, _ in decoder.withdrawn.append(route.nlri)
            }
        }
        while !reader.isAtEnd {
            guard let route = codec.readWithdrawn(from: &reader) else {
                return fault(.familyDisable(family), encoding, subcode: UpdateErrorSubcode.optionalAttribute)
            }
            withdrawn.append(route)
        }
    }

    /// Routes that begin with their type and length. Where it is known which one is meant, one that is wrong behind that counts
    /// as withdrawn and costs no other.
    private mutating func readTyped(
        from reader: inout ByteReader, _ codec: NLRICodec, _ encoding: AttributeEncoding,
        take: (inout UpdateDecoder, AnnouncedRoute, EVPNRouteAttributes?) -> Void
    ) {
        while !reader.isAtEnd {
            switch codec.readTyped(from: &reader) {
            case .known(let route, let attributes)?: take(&self, route, attributes)
            case .malformed(let nlri)?: noteMalformed(nlri, encoding)
            case .ofUnknownType?: routesOfUnknownType += 1
            case .unwanted?: routesDiscarded += 1
            case nil:
                return fault(.familyDisable(codec.family), encoding, subcode: UpdateErrorSubcode.optionalAttribute)
            }
        }
    }

    /// However many there are, one fault stands for all, and without the octets: they could be a message full of them, and no
    /// session ends by it.
    private mutating func noteMalformed(_ nlri: NLRI, _ encoding: AttributeEncoding) {
        if malformedRoutes == 0 {
            let notification = NotificationMessage(.updateMessageError, UpdateErrorSubcode.optionalAttribute)
            faults.append(UpdateFault(.routeWithdraw, attribute: encoding.typeCode, notification))
        }
        malformedRoutes += 1
        withdrawn.append(nlri)
    }

    private func readFamily(from reader: inout ByteReader) -> AddressFamilyIdentifier? {
        guard let afi = reader.readUInt16(), let safi = reader.readUInt8() else { return nil }
        return AddressFamilyIdentifier(addressFamily: afi, subsequentAddressFamily: safi)
    }
}
