/// The attributes beside the routes, ascending by type code (RFC 4271 §5 recommends it).
extension UpdateEncoder {
    func encodings(of attributes: PathAttributes.Contents) -> [AttributeEncoding] {
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
