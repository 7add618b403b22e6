import Addressing

/// The circuits of a VRF by their subnets, which do not overlap: one is found by as many look-ups as subnets have lengths.
struct CircuitSubnets {
    private var circuits: [IPPrefix: Interface] = [:]
    private var lengths: [AddressFamily: Set<UInt8>] = [:]

    /// The most look-ups for an address.
    var lookups: Int { lengths.values.map(\.count).max() ?? 0 }

    mutating func add(_ circuit: Interface) {
        for address in circuit.addresses where circuits[address.subnet] == nil {
            circuits[address.subnet] = circuit
            lengths[address.subnet.family, default: []].insert(address.subnet.length)
        }
    }

    /// The circuit on whose subnet an address is.
    func circuit(towards neighbor: IPAddress) -> Interface? {
        for length in (lengths[neighbor.family] ?? []).sorted(by: >) {
            guard let subnet = IPPrefix(covering: neighbor, length: Int(length)) else { continue }
            if let circuit = circuits[subnet] { return circuit }
        }
        return nil
    }
}
