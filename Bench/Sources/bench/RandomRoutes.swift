import Addressing

/// Routes with the prefix lengths of the Internet's tables and uniformly random addresses.
enum RandomRoutes {
    /// Of 1,000 IPv4 prefixes, how many have each length: the shares that the weekly CIDR reports show.
    private static let ipv4Shares: [(length: Int, share: Int)] = [
        (8, 1), (10, 1), (11, 1), (12, 1), (13, 1), (14, 2), (15, 2), (16, 14), (17, 9), (18, 14), (19, 26), (20, 46),
        (21, 52), (22, 118), (23, 104), (24, 608),
    ]
    private static let ipv6Shares: [(length: Int, share: Int)] = [
        (20, 2), (24, 3), (28, 8), (29, 25), (30, 5), (32, 130), (33, 20), (34, 15), (36, 40), (38, 10), (40, 90),
        (42, 20), (44, 90), (46, 30), (47, 12), (48, 480), (56, 10), (64, 10),
    ]

    /// `count` different prefixes of `family`, each with one of `nextHops` next hops.
    ///
    /// IPv4 addresses are unicast ones that may be forwarded (1/8 to 223/8 without 127/8, of which only those that
    /// `firstOctets` names), IPv6 ones in 2000::/3.
    static func make(
        family: AddressFamily, count: Int, nextHops: Int, firstOctets: ClosedRange<Int> = 1...223,
        using generator: inout SeededGenerator
    ) -> [Route] {
        let lengths = (family == .ipv4 ? ipv4Shares : ipv6Shares).flatMap {
            Array(repeating: $0.length, count: $0.share)
        }
        var routes: [Route] = []
        var known: Set<IPPrefix> = []
        routes.reserveCapacity(count)
        known.reserveCapacity(count)
        while routes.count < count {
            let length = lengths[generator.below(lengths.count)]
            guard
                let prefix = IPPrefix(
                    covering: address(family, firstOctets: firstOctets, using: &generator), length: length),
                known.insert(prefix).inserted
            else { continue }
            routes.append(Route(prefix: prefix, nextHop: generator.below(nextHops)))
        }
        return routes
    }

    /// An address inside `prefix` with random host bits.
    static func address(inside prefix: IPPrefix, using generator: inout SeededGenerator) -> IPAddress {
        switch prefix.address {
        case .ipv4(let address):
            let mask = ~(UInt32.max >> UInt32(prefix.length))
            let host = UInt32(truncatingIfNeeded: generator.next())
            return .ipv4(IPv4Address(rawValue: address.rawValue | host & ~mask))
        case .ipv6(let address):
            let mask = ~(UInt128.max >> UInt128(prefix.length))
            let host = UInt128(generator.next()) << 64 | UInt128(generator.next())
            return .ipv6(IPv6Address(rawValue: address.rawValue | host & ~mask))
        }
    }

    private static func address(
        _ family: AddressFamily, firstOctets: ClosedRange<Int>, using generator: inout SeededGenerator
    ) -> IPAddress {
        switch family {
        case .ipv4:
            let hasLoopback = firstOctets.contains(127)
            var first = UInt32(firstOctets.lowerBound + generator.below(firstOctets.count - (hasLoopback ? 1 : 0)))
            if hasLoopback, first >= 127 { first += 1 }
            let rest = UInt32(truncatingIfNeeded: generator.next()) & 0xFF_FFFF
            return .ipv4(IPv4Address(rawValue: first << 24 | rest))
        case .ipv6:
            let high = UInt128(generator.next() >> 3 | 1 << 61)
            return .ipv6(IPv6Address(rawValue: high << 64 | UInt128(generator.next())))
        }
    }
}
