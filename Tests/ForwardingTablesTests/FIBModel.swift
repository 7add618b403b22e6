import Addressing
import ForwardingTables
import SeededRandom

/// Longest-prefix match by looking for every length in a dictionary, and the random inputs for it.
struct FIBModel {
    let family: AddressFamily
    private(set) var routes: [IPPrefix: UInt32] = [:]

    init(family: AddressFamily) { self.family = family }

    mutating func set(_ prefix: IPPrefix, _ nextHop: UInt32?) { routes[prefix] = nextHop }

    func nextHop(of address: IPAddress) -> UInt32 {
        for length in stride(from: family.bits, through: 0, by: -1) {
            if let prefix = IPPrefix(covering: address, length: length), let hop = routes[prefix] { return hop }
        }
        return 0
    }

    func address(_ number: UInt128) -> IPAddress {
        family == .ipv4
            ? .ipv4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)))
            : .ipv6(IPv6Address(rawValue: number))
    }

    /// A random address: anywhere, or (clustered) under one of a few prefixes, so that routes nest.
    func randomAddress(clustered: Bool, using random: inout SeededGenerator) -> IPAddress {
        let anywhere = UInt128(random.next()) << 64 | UInt128(random.next())
        guard clustered else { return address(anywhere) }
        let bases: [UInt128] =
            family == .ipv4
            ? [0x0A00_0000, 0x0A01_0000, 0xC0A8_0000]
            : [0x2001_0DB8 << 96, (0x2001_0DB8 << 96) | (0x1 << 80), 0xFD00 << 112]
        let freeBits = [0, 1, 3, 6, 8, 10, 12, 17, 30].randomElement(using: &random) ?? 0
        let base = bases.randomElement(using: &random) ?? 0
        // Some bits directly behind the base and some at the very end.
        let high = (anywhere & ((1 << UInt128(freeBits)) - 1)) << UInt128(family == .ipv4 ? 0 : 64)
        return address(base | high | (anywhere >> 100 & 7))
    }

    func randomPrefix(clustered: Bool, using random: inout SeededGenerator) -> IPPrefix {
        let address = randomAddress(clustered: clustered, using: &random)
        let length: Int
        switch Int.random(in: 0..<20, using: &random) {
        case 0: length = 0
        case 1, 2: length = family.bits
        case 3...6: length = family == .ipv4 ? 24 : 64
        case 7...9: length = family == .ipv4 ? Int.random(in: 17...31, using: &random) : 48
        default: length = Int.random(in: 0...family.bits, using: &random)
        }
        return IPPrefix(covering: address, length: length) ?? IPPrefix(host: address)
    }
}

extension FIBReader {
    func lookup(_ address: IPAddress, root: (ipv4: UInt64, ipv6: UInt64)) -> UInt32 {
        switch address {
        case .ipv4(let address): lookup(ipv4: address.rawValue, root: root.ipv4)
        case .ipv6(let address): lookup(ipv6: address.rawValue, root: root.ipv6)
        }
    }
}

extension TablesReader {
    func roots(ofVRF vrf: UInt16) -> (ipv4: UInt64, ipv6: UInt64) { (ipv4Root(ofVRF: vrf), ipv6Root(ofVRF: vrf)) }
}
