import Addressing

/// Destinations inside routes, with the roots of their VRFs, in the forms that the libraries take. All of a burst
/// belong to one VRF in what DPDK looks up, since its call takes one table; ours takes a root for each.
final class DestinationSet {
    let count: Int
    let roots: UnsafeMutablePointer<UInt64>
    let ipv4: UnsafeMutablePointer<UInt32>
    let ipv6: UnsafeMutablePointer<UInt128>
    /// IPv6 addresses in network byte order.
    let octets: UnsafeMutablePointer<UInt8>
    private var tables: [Int] = []

    init(
        count: Int, family: AddressFamily, routes: [[Route]], tables tableCount: Int, box: Box,
        using generator: inout SeededGenerator
    ) {
        self.count = count
        roots = .allocate(capacity: count)
        ipv4 = .allocate(capacity: count)
        ipv6 = .allocate(capacity: count)
        octets = .allocate(capacity: count * 16)
        var vrf = 1
        for index in 0..<count {
            if index % 64 == 0 {
                vrf = 1 + generator.below(tableCount)
                tables.append(vrf - 1)
            }
            let route = routes[vrf - 1][generator.below(routes[vrf - 1].count)]
            switch RandomRoutes.address(inside: route.prefix, using: &generator) {
            case .ipv4(let address):
                ipv4[index] = address.rawValue
                roots[index] = box.reader.ipv4Root(ofVRF: UInt16(vrf))
            case .ipv6(let address):
                ipv6[index] = address.rawValue
                roots[index] = box.reader.ipv6Root(ofVRF: UInt16(vrf))
                for (place, octet) in address.octets.enumerated() { octets[index * 16 + place] = octet }
            }
        }
    }

    deinit {
        roots.deallocate()
        ipv4.deallocate()
        ipv6.deallocate()
        octets.deallocate()
    }

    /// The table that all destinations of a burst are in.
    func table(ofBurst burst: Int) -> Int { tables[burst] }
}
