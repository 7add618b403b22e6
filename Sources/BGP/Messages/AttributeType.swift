/// The path attributes that are read here, by type code (IANA "BGP Path Attributes").
enum AttributeType: UInt8, CaseIterable {
    case origin = 1
    case asPath = 2
    case nextHop = 3
    case multiExitDiscriminator = 4
    case localPreference = 5
    case atomicAggregate = 6
    case aggregator = 7
    case communities = 8
    case originatorIdentifier = 9
    case clusterList = 10
    case reachable = 14
    case unreachable = 15
    case extendedCommunities = 16
    case as4Path = 17
    case as4Aggregator = 18
    case pmsiTunnel = 22
    case peDistinguisherLabels = 27
    case largeCommunities = 32
    /// OTC (RFC 9234 §5): for unicast routes; it is read for its errors alone.
    case onlyToCustomer = 35
    case attributeSet = 128

    /// The values of the Optional and Transitive bits that the attribute's specification fixes.
    var flags: AttributeFlags {
        switch self {
        case .origin, .asPath, .nextHop, .localPreference, .atomicAggregate: .transitive
        case .multiExitDiscriminator, .originatorIdentifier, .clusterList, .reachable, .unreachable: .optional
        case .aggregator, .communities, .extendedCommunities, .as4Path, .as4Aggregator, .largeCommunities,
            .onlyToCustomer, .attributeSet, .pmsiTunnel, .peDistinguisherLabels:
            [.optional, .transitive]
        }
    }

    /// What a malformed value damages when its specification has nothing special to say (RFC 7606 §7,
    /// RFC 6793 §6, RFC 8092 §5). OTC says nothing about VPN routes, so that a malformed one does not hurt them; of unicast routes it
    /// makes withdrawn ones (RFC 9234 §5), which is for the whole UPDATE to say. Of the two of MCAST-VPN see RFC 6514 §5
    /// and §8, which RFC 7606 §7 leaves as they are.
    var damageWhenMalformed: UpdateDamage {
        switch self {
        case .atomicAggregate, .aggregator, .as4Path, .as4Aggregator, .onlyToCustomer: .attributeDiscard
        case .reachable, .unreachable: .sessionReset
        case .origin, .asPath, .nextHop, .multiExitDiscriminator, .localPreference, .communities,
            .originatorIdentifier, .clusterList, .extendedCommunities, .largeCommunities, .attributeSet, .pmsiTunnel,
            .peDistinguisherLabels:
            .treatAsWithdraw
        }
    }

    /// Whether an external peer's is dropped unread (RFC 7606 §7.5, §7.9, §7.10).
    var isInternalOnly: Bool {
        switch self {
        case .localPreference, .originatorIdentifier, .clusterList: true
        default: false
        }
    }
}

/// The flags octet of an attribute (RFC 4271 §4.3).
struct AttributeFlags: OptionSet, Hashable {
    let rawValue: UInt8

    static let optional = AttributeFlags(rawValue: 0x80)
    static let transitive = AttributeFlags(rawValue: 0x40)
    static let partial = AttributeFlags(rawValue: 0x20)
    static let extendedLength = AttributeFlags(rawValue: 0x10)

    /// The two bits that an attribute's specification fixes.
    var category: AttributeFlags { intersection([.optional, .transitive]) }
}
