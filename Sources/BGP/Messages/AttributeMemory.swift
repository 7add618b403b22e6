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
        octets += list(attributeSet?.attributes.count ?? 0, of: 1)
        octets += list(unrecognized.count, of: MemoryLayout<UnrecognizedAttribute>.stride)
        for attribute in unrecognized { octets += list(attribute.value.count, of: 1) }
        return octets
    }
}
