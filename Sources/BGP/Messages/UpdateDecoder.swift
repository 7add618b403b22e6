import Addressing

/// Reads one UPDATE (RFC 4271 §4.3) by the rules of RFC 7606.
///
///     +-----------------------------------------------------+
///     |   Withdrawn Routes Length (2 octets)                |
///     +-----------------------------------------------------+
///     |   Withdrawn Routes (unicast IPv4)                   |
///     +-----------------------------------------------------+
///     |   Total Path Attribute Length (2 octets)            |
///     +-----------------------------------------------------+
///     |   Path Attributes                                   |
///     +-----------------------------------------------------+
///     |   Network Layer Reachability Information (ditto)    |
///     +-----------------------------------------------------+
///
/// The routes of all families are in the attributes MP_REACH_NLRI and MP_UNREACH_NLRI, those of unicast IPv4 in two fields
/// of their own or there. An UPDATE may have both, each with a next hop of its own.
struct UpdateDecoder {
    let context: UpdateContext
    var contents = PathAttributes.Contents()
    var as4Path: ASPath?
    var as4Aggregator: Aggregator?
    var faults: [UpdateFault] = []
    var ignoredFamilies: Set<AddressFamilyIdentifier> = []
    var announced: [AnnouncedRoute] = []
    /// What goes with each of them, if they are EVPN routes.
    var evpnAttributes: [EVPNRouteAttributes] = []
    var withdrawn: [NLRI] = []
    /// Routes that count as withdrawn, since they were malformed behind what identifies them.
    var malformedRoutes = 0
    var routesOfUnknownType = 0
    var routesDiscarded = 0
    /// The family of MP_REACH_NLRI if its routes begin with their type: PMSI_TUNNEL and PE Distinguisher Labels are about those
    /// alone.
    var signallingFamily: AddressFamilyIdentifier?
    /// Those attributes, which may stand before it.
    var tunnelAttributes: [AttributeEncoding] = []
    /// The unicast IPv4 routes that the UPDATE's own field announces.
    private(set) var ipv4Announced: [AnnouncedRoute] = []
    /// NEXT_HOP: theirs alone.
    var ipv4NextHop: BGPNextHop?
    /// What was wrong with OTC, which says something about unicast routes only.
    var malformedOTC: UpdateFault?
    /// The family of an MP_UNREACH_NLRI without routes: an End-of-RIB marker if nothing else is in the message.
    var emptyUnreachable: AddressFamilyIdentifier?
    /// Whether any route was announced, of whatever family.
    var announcesRoutes = false
    private var seenTypeCodes: Set<UInt8> = []

    init(context: UpdateContext) { self.context = context }

    mutating func decode(_ body: ArraySlice<UInt8>) -> DecodedUpdate {
        var reader = ByteReader(body)
        // 1. The three fields, which the two lengths must delimit within the message (RFC 7606 §3 b).
        guard let withdrawnLength = reader.readUInt16(), let withdrawnRoutes = reader.readOctets(Int(withdrawnLength)),
            let attributesLength = reader.readUInt16(), let attributes = reader.readOctets(Int(attributesLength))
        else {
            return resetting(UpdateFault(.sessionReset, .malformedAttributeList))
        }
        // 2. The fields of unicast IPv4 (RFC 7606 §3 j, §5.3): where one cannot be read to its end, the session cannot go on.
        guard readIPv4(withdrawn: withdrawnRoutes, announced: reader.remaining) else {
            return resetting(UpdateFault(.sessionReset, .invalidNetworkField))
        }
        announcesRoutes = !reader.isAtEnd
        // 3. The attributes.
        readAttributes(ByteReader(attributes))
        readTunnelAttributes()
        // 4. Well-known attributes that routes cannot be without (RFC 7606 §3 d).
        if announcesRoutes { checkMandatoryAttributes(nextHopRequired: !reader.isAtEnd) }
        // 5. A malformed OTC hurts unicast routes (RFC 9234 §5).
        if let malformedOTC, !ipv4Announced.isEmpty || announced.contains(where: \.isUnicast) {
            faults.append(UpdateFault(.treatAsWithdraw, attribute: malformedOTC.attribute, malformedOTC.notification))
        }
        // 6. Routes that may hide in octets that could not be read (RFC 7606 §5.2).
        let routesMayBeHidden = !announcesRoutes && seenTypeCodes != [AttributeType.unreachable.rawValue]
        if routesMayBeHidden, let fault = faults.first(where: { $0.damage >= .treatAsWithdraw }) {
            faults.append(UpdateFault(.sessionReset, attribute: fault.attribute, fault.notification))
        }
        mergeFourOctetAttributes()
        return outcome(isEmpty: body.count == 4)
    }

    private mutating func readAttributes(_ attributes: ByteReader) {
        var reader = attributes
        while !reader.isAtEnd {
            guard let encoding = AttributeEncoding(from: &reader) else {
                faults.append(UpdateFault(.treatAsWithdraw, .malformedAttributeList))
                return
            }
            // RFC 7606 §3 g: of a repeated attribute the first counts, but for those that carry routes.
            if seenTypeCodes.insert(encoding.typeCode).inserted {
                read(encoding)
            } else if encoding.typeCode == AttributeType.reachable.rawValue
                || encoding.typeCode == AttributeType.unreachable.rawValue
            {
                faults.append(UpdateFault(.sessionReset, attribute: encoding.typeCode, .malformedAttributeList))
            } else {
                faults.append(UpdateFault(.attributeDiscard, attribute: encoding.typeCode, .malformedAttributeList))
            }
        }
    }

    private mutating func checkMandatoryAttributes(nextHopRequired: Bool) {
        var mandatory: [AttributeType] = [.origin, .asPath]
        if nextHopRequired { mandatory.append(.nextHop) }
        for type in mandatory where !seenTypeCodes.contains(type.rawValue) {
            let notification = NotificationMessage(.updateMessageError, 3, data: [type.rawValue])
            faults.append(UpdateFault(.treatAsWithdraw, attribute: type.rawValue, notification))
        }
    }

    private func outcome(isEmpty: Bool) -> DecodedUpdate {
        var updates = updates()
        let update = updates.removeFirst()
        var outcome = DecodedUpdate(
            update: update, furtherUpdates: updates, endOfRIB: nil, faults: faults,
            malformedRoutes: malformedRoutes, routesOfUnknownType: routesOfUnknownType,
            routesDiscarded: routesDiscarded, ignoredFamilies: ignoredFamilies)
        if faults.isEmpty, seenTypeCodes == [AttributeType.unreachable.rawValue], ignoredFamilies.isEmpty {
            outcome.endOfRIB = emptyUnreachable
        }
        if isEmpty { outcome.endOfRIB = .ipv4Unicast }
        let damage = outcome.severestFault?.damage
        if let damage, damage > .routeWithdraw { outcome.furtherUpdates = [] }
        switch damage {
        case nil, .attributeDiscard, .routeWithdraw: break
        case .treatAsWithdraw: outcome.update = withdrawingAll()
        case .familyDisable:
            // Another, lesser error may be there too; what is of other families is withdrawn to be safe.
            outcome.update = withdrawingAll()
            for case .familyDisable(let family) in faults.map(\.damage) {
                outcome.update.withdrawn.removeAll { $0.family == family }
            }
        case .sessionReset: outcome.update = Update(withdrawing: [])
        }
        return outcome
    }

    /// What the message says, at least one; where both kinds of routes are announced, those of the field by themselves.
    private func updates() -> [Update] {
        var updates =
            evpnAttributes.isEmpty
            ? [Update(announcing: announced, attributes: PathAttributes(contents))] : evpnUpdates()
        if !ipv4Announced.isEmpty {
            var ipv4Contents = contents
            ipv4Contents.nextHop = ipv4NextHop
            // Of tunnels it says nothing.
            ipv4Contents.pmsiTunnel = nil
            ipv4Contents.peDistinguisherLabels = nil
            let update = Update(announcing: ipv4Announced, attributes: PathAttributes(ipv4Contents))
            updates = announced.isEmpty ? [update] : updates + [update]
        }
        updates[0].withdrawn = withdrawn
        return updates
    }

    /// EVPN routes that follow each other share an UPDATE where their attributes are equal; the last word about a route counts.
    private func evpnUpdates() -> [Update] {
        var updates: [Update] = []
        for (route, attributes) in zip(announced, evpnAttributes) {
            if let last = updates.indices.last, updates[last].attributes.evpn == attributes {
                updates[last].announced.append(route)
            } else {
                var contents = contents
                contents.evpn = attributes
                updates.append(Update(announcing: [route], attributes: PathAttributes(contents)))
            }
        }
        return updates
    }

    private func withdrawingAll() -> Update {
        Update(withdrawing: withdrawn + announced.map(\.nlri) + ipv4Announced.map(\.nlri))
    }

    private func resetting(_ fault: UpdateFault) -> DecodedUpdate {
        DecodedUpdate(
            update: Update(withdrawing: []), furtherUpdates: [], endOfRIB: nil, faults: faults + [fault],
            ignoredFamilies: [])
    }

    /// Reads the two fields of unicast IPv4; of a session that does not carry it they are checked and passed over.
    ///
    /// - Returns: whether every prefix in them can be.
    private mutating func readIPv4(withdrawn withdrawnOctets: ArraySlice<UInt8>, announced: ArraySlice<UInt8>) -> Bool {
        guard !withdrawnOctets.isEmpty || !announced.isEmpty else { return true }
        let codec = NLRICodec.ipv4Unicast
        var reader = ByteReader(withdrawnOctets)
        while !reader.isAtEnd {
            guard let route = codec.readWithdrawn(from: &reader) else { return false }
            withdrawn.append(route)
        }
        reader = ByteReader(announced)
        while !reader.isAtEnd {
            guard let route = codec.readAnnounced(from: &reader, hasSeveralLabels: false) else { return false }
            ipv4Announced.append(route)
        }
        if !context.families.contains(codec.family) {
            ignoredFamilies.insert(codec.family)
            withdrawn = []
            ipv4Announced = []
        }
        return true
    }

    /// What a speaker of two-octet AS numbers handed through (RFC 6793 §4.2.3).
    private mutating func mergeFourOctetAttributes() {
        guard !context.fourOctetAutonomousSystems else { return }
        if let aggregator = contents.aggregator, let as4Aggregator {
            guard aggregator.autonomousSystem == UInt32(OpenMessage.transitionAutonomousSystem) else { return }
            contents.aggregator = as4Aggregator
        }
        if let as4Path { contents.asPath = contents.asPath.merging(as4Path) }
    }
}

extension NotificationMessage {
    static let malformedAttributeList = Self(.updateMessageError, 1)
    static let invalidNetworkField = Self(.updateMessageError, 10)
}
