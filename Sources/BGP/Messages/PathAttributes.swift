import Addressing

/// The path attributes of the routes of one UPDATE (RFC 4271 §5): a value, shared by reference between its routes.
///
/// Copying costs one reference count, and a million routes that came in ten thousand UPDATEs hold ten thousand
/// copies of the contents. Reading goes through (`attributes.asPath`); writing a member makes new contents. Equality
/// and hashing are those of the contents; the hash is computed once, so that attributes are a good dictionary key
/// for gathering the routes that can share an UPDATE.
@dynamicMemberLookup
public struct PathAttributes: Hashable, Sendable {
    /// The attributes themselves, in the order of their type codes.
    public struct Contents: Hashable, Sendable {
        public var origin: Origin
        public var asPath: ASPath
        /// From MP_REACH_NLRI; `nil` until a route that is originated here is given to a neighbor.
        public var nextHop: BGPNextHop?
        public var multiExitDiscriminator: UInt32?
        /// Only on internal sessions: not read from and not written to an external peer (RFC 4271 §5.1.5).
        public var localPreference: UInt32?
        public var atomicAggregate = false
        public var aggregator: Aggregator?
        public var communities: [Community] = []
        /// RFC 4456 §8; only on internal sessions.
        public var originatorIdentifier: IPv4Address?
        /// RFC 4456 §8; only on internal sessions.
        public var clusterList: [IPv4Address] = []
        public var extendedCommunities: [ExtendedCommunity] = []
        public var largeCommunities: [LargeCommunity] = []
        /// By which tunnel multicast comes (RFC 6514 §5).
        public var pmsiTunnel: PMSITunnel?
        /// RFC 6514 §8.
        public var peDistinguisherLabels: PEDistinguisherLabels?
        /// What stands in an EVPN route beside what identifies it, and is to be treated as attributes (RFC 7432 §7.2).
        public var evpn: EVPNRouteAttributes?
        /// What the route has in the customer's own network (RFC 6368).
        public var attributeSet: AttributeSet?
        /// Optional transitive attributes that are not read here (RFC 4271 §5), ascending by type code; see
        /// ``AttributePolicy`` for those that are passed on.
        public var unrecognized: [UnrecognizedAttribute] = []

        public init(origin: Origin = .igp, asPath: ASPath = ASPath(), nextHop: BGPNextHop? = nil) {
            self.origin = origin
            self.asPath = asPath
            self.nextHop = nextHop
        }

        /// The route targets among the extended communities.
        public var routeTargets: [RouteTarget] { extendedCommunities.compactMap(\.routeTarget) }
    }

    private final class Storage: Sendable {
        let contents: Contents
        let hash: Int
        let memoryOctets: Int

        init(_ contents: Contents) {
            self.contents = contents
            hash = contents.hashValue
            memoryOctets = contents.memoryOctets
        }
    }

    private var storage: Storage

    public init(_ contents: Contents) { storage = Storage(contents) }

    public init(origin: Origin = .igp, asPath: ASPath = ASPath(), nextHop: BGPNextHop? = nil) {
        storage = Storage(Contents(origin: origin, asPath: asPath, nextHop: nextHop))
    }

    /// The attributes, to be read or replaced as a whole: change several members in one copy.
    public var contents: Contents {
        get { storage.contents }
        set { storage = Storage(newValue) }
    }

    /// What the attributes' parts of variable length take in memory, in octets.
    public var memoryOctets: Int { storage.memoryOctets }

    public subscript<Member>(dynamicMember member: KeyPath<Contents, Member>) -> Member {
        storage.contents[keyPath: member]
    }

    public subscript<Member>(dynamicMember member: WritableKeyPath<Contents, Member>) -> Member {
        get { storage.contents[keyPath: member] }
        set {
            var contents = storage.contents
            contents[keyPath: member] = newValue
            storage = Storage(contents)
        }
    }

    public static func == (a: Self, b: Self) -> Bool {
        a.storage === b.storage || (a.storage.hash == b.storage.hash && a.storage.contents == b.storage.contents)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(storage.hash) }
}

/// AGGREGATOR (RFC 4271 §5.1.7): who formed the aggregate.
public struct Aggregator: Hashable, Sendable {
    public let autonomousSystem: UInt32
    public let address: IPv4Address

    public init(autonomousSystem: UInt32, address: IPv4Address) {
        self.autonomousSystem = autonomousSystem
        self.address = address
    }
}

/// An optional transitive attribute whose type this implementation does not read (RFC 4271 §5).
public struct UnrecognizedAttribute: Hashable, Sendable {
    public let typeCode: UInt8
    /// Whether the Partial bit was set when it came in; it is always set when it is passed on (RFC 4271 §5).
    public let partial: Bool
    public let value: [UInt8]

    public init(typeCode: UInt8, partial: Bool, value: [UInt8]) {
        self.typeCode = typeCode
        self.partial = partial
        self.value = value
    }
}

/// How much memory attributes take.
extension PathAttributes {
    /// Attributes of up to so many octets cost about what the route itself costs in the tables, and are bounded with the
    /// number of routes. What is larger a neighbor could use to fill the memory with few routes.
    public static let octetsOfASmallSet = 256

    /// Whether the attributes take so much more memory than a route that they have to be counted.
    public var isLarge: Bool { memoryOctets > Self.octetsOfASmallSet }
}

extension PathAttributes.Contents {
    /// The header of an array's storage on a 64-bit machine.
    private static let arrayOverhead = 32

    /// What the parts of variable length take, in octets of memory.
    var memoryOctets: Int {
        func list(_ count: Int, of octets: Int) -> Int { count == 0 ? 0 : Self.arrayOverhead + count * octets }
        var octets = list(asPath.segments.count, of: MemoryLayout<ASPath.Segment>.stride)
        for segment in asPath.segments { octets += list(segment.autonomousSystems.count, of: 4) }
        octets += list(communities.count, of: MemoryLayout<Community>.stride)
        octets += list(clusterList.count, of: 4)
        octets += list(extendedCommunities.count, of: MemoryLayout<ExtendedCommunity>.stride)
        octets += list(largeCommunities.count, of: MemoryLayout<LargeCommunity>.stride)
        octets += list(pmsiTunnel?.identifier.count ?? 0, of: 1)
        octets += list(peDistinguisherLabels?.octets.count ?? 0, of: 1)
        octets += list(evpn?.octets.count ?? 0, of: 1)
        octets += list(attributeSet?.attributes.count ?? 0, of: 1)
        octets += list(unrecognized.count, of: MemoryLayout<UnrecognizedAttribute>.stride)
        for attribute in unrecognized { octets += list(attribute.value.count, of: 1) }
        return octets
    }
}
