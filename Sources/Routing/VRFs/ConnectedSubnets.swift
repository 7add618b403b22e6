import Addressing

/// The subnets of a VRF's circuits that are up. What a far end says about addresses inside them is not believed: a
/// host route would take the customer's own host away.
struct ConnectedSubnets: Equatable {
    /// So many are compared one by one; more are looked up by their lengths.
    private static let fewSubnets = 8

    private let subnets: Set<IPPrefix>
    private let few: [IPPrefix]
    private let lengths: [AddressFamily: [UInt8]]

    init(_ subnets: Set<IPPrefix> = []) {
        self.subnets = subnets
        few = subnets.count <= Self.fewSubnets ? subnets.sorted() : []
        lengths = Dictionary(grouping: subnets, by: \.family).mapValues { Set($0.map(\.length)).sorted() }
    }

    /// Those of `vrf`; none if it believes its far ends. Link-local subnets are the same on every circuit.
    init(_ vrf: VRFInputs) {
        guard !vrf.acceptsConnectedSubnets else {
            self.init()
            return
        }
        let subnets = vrf.circuitAddresses.map(\.address.subnet).filter {
            vrf.families.contains($0.family) && MartianPrefix.rejection(of: $0) == nil
        }
        self.init(Set(subnets))
    }

    func common(with other: ConnectedSubnets) -> ConnectedSubnets {
        ConnectedSubnets(subnets.intersection(other.subnets))
    }

    /// Whether `prefix` is one of the subnets or inside one.
    func cover(_ prefix: IPPrefix) -> Bool {
        if subnets.count <= Self.fewSubnets { return few.contains { $0.contains(prefix) } }
        return (lengths[prefix.family] ?? []).contains { length in
            guard length <= prefix.length, let subnet = IPPrefix(covering: prefix.address, length: Int(length)) else {
                return false
            }
            return subnets.contains(subnet)
        }
    }

    static func == (a: Self, b: Self) -> Bool { a.subnets == b.subnets }
}
