import Addressing

/// The value of each attribute as it is read.
extension UpdateDecoder {
    /// The subcode of the error; `nil` when the value is well-formed and has been taken.
    mutating func readValue(_ type: AttributeType, _ value: ArraySlice<UInt8>) -> UInt8? {
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
            guard let number = number(value) else { return UpdateErrorSubcode.attributeLength }
            // RFC 4271 §6.3: a host's address. It is that of the routes in the UPDATE's own field and means nothing where
            // there are none: others have theirs in MP_REACH_NLRI (RFC 4760 §3).
            let address = IPv4Address(rawValue: number)
            guard address.isUnicast || ipv4Announced.isEmpty else { return UpdateErrorSubcode.nextHop }
            ipv4NextHop = BGPNextHop(.ipv4(address))
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
        case .pmsiTunnel:
            guard let tunnel = PMSITunnel(value: value) else { return UpdateErrorSubcode.optionalAttribute }
            contents.pmsiTunnel = tunnel
        case .peDistinguisherLabels:
            guard let labels = distinguisherLabels(value) else { return UpdateErrorSubcode.optionalAttribute }
            contents.peDistinguisherLabels = labels
        case .reachable, .unreachable, .attributeSet: break
        }
        return nil
    }

    /// RFC 6514 §8: the PEs' addresses are of the family of each route's originator, and where it says none of its next hop.
    private func distinguisherLabels(_ value: ArraySlice<UInt8>) -> PEDistinguisherLabels? {
        let nextHop = contents.nextHop?.resolvedAddress
        let families = Set(announced.compactMap { ($0.nlri.originator ?? nextHop)?.family })
        var labels: PEDistinguisherLabels?
        for family in families.isEmpty ? [.ipv4] : families {
            guard let found = PEDistinguisherLabels(value: value, family) else { return nil }
            labels = found
        }
        return labels
    }

    private func number(_ value: ArraySlice<UInt8>) -> UInt32? {
        var reader = ByteReader(value)
        guard let number = reader.readUInt32(), reader.isAtEnd else { return nil }
        return number
    }
}

/// The value of each attribute as it is written.
extension UpdateEncoder {
    /// The attributes beside the routes, ascending by type code (RFC 4271 §5 recommends it).
    ///
    /// - Parameter nextHop: of routes in the UPDATE's own field.
    func encodings(of attributes: PathAttributes.Contents, nextHop: IPv4Address? = nil) -> [AttributeEncoding] {
        let octets = context.fourOctetAutonomousSystems ? 4 : 2
        var encodings = [
            AttributeEncoding(.origin, value: [attributes.origin.rawValue]),
            AttributeEncoding(.asPath, value: attributes.asPath.value(octetsEach: octets)),
        ]
        func add(_ type: AttributeType, _ write: (inout ByteWriter) -> Void) {
            var writer = ByteWriter()
            write(&writer)
            encodings.append(AttributeEncoding(type, value: writer.bytes))
        }
        if let nextHop { add(.nextHop) { $0.write(nextHop.rawValue) } }
        if let metric = attributes.multiExitDiscriminator {
            add(.multiExitDiscriminator) { $0.write(metric) }
        }
        if let preference = attributes.localPreference, !context.isExternal {
            add(.localPreference) { $0.write(preference) }
        }
        if attributes.atomicAggregate { add(.atomicAggregate) { _ in } }
        if let aggregator = attributes.aggregator {
            add(.aggregator) { $0.write(aggregator.value(autonomousSystemOctets: octets)) }
        }
        if !attributes.communities.isEmpty {
            add(.communities) { for community in attributes.communities { $0.write(community.rawValue) } }
        }
        if let identifier = attributes.originatorIdentifier, !context.isExternal {
            add(.originatorIdentifier) { $0.write(identifier.rawValue) }
        }
        if !attributes.clusterList.isEmpty, !context.isExternal {
            add(.clusterList) { for identifier in attributes.clusterList { $0.write(identifier.rawValue) } }
        }
        // RFC 4360 §6: non-transitive ones stay inside the AS.
        let extended = attributes.extendedCommunities.filter { $0.isTransitive || !context.isExternal }
        if !extended.isEmpty {
            add(.extendedCommunities) { for community in extended { $0.write(community.rawValue) } }
        }
        if !context.fourOctetAutonomousSystems { encodings += fourOctetEncodings(of: attributes) }
        if !attributes.largeCommunities.isEmpty {
            add(.largeCommunities) { for community in attributes.largeCommunities { community.write(to: &$0) } }
        }
        if let tunnel = attributes.pmsiTunnel {
            encodings.append(AttributeEncoding(.pmsiTunnel, value: tunnel.value, partial: tunnel.isPartial))
        }
        if let labels = attributes.peDistinguisherLabels {
            encodings.append(
                AttributeEncoding(.peDistinguisherLabels, value: labels.octets, partial: labels.isPartial))
        }
        if let set = attributes.attributeSet { encodings.append(AttributeEncoding(set)) }
        encodings += attributes.unrecognized.map(AttributeEncoding.init)
        return encodings.sorted { $0.typeCode < $1.typeCode }
    }

    /// What two octets could not say, for the speakers of four behind the peer (RFC 6793 §4.2.2).
    private func fourOctetEncodings(of attributes: PathAttributes.Contents) -> [AttributeEncoding] {
        var encodings: [AttributeEncoding] = []
        if !attributes.asPath.fitsTwoOctets {
            encodings.append(AttributeEncoding(.as4Path, value: attributes.asPath.value(octetsEach: 4)))
        }
        if let aggregator = attributes.aggregator, aggregator.autonomousSystem > 0xFFFF {
            encodings.append(AttributeEncoding(.as4Aggregator, value: aggregator.value(autonomousSystemOctets: 4)))
        }
        return encodings
    }
}
