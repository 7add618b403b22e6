import Addressing

/// How packets go by routes of a neighbor that are exchanged on a circuit of the VRF, in place of its NNI (Option AB).
///
/// One for all paths of a neighbor and a family: a class, so that the paths of all others pay eight octets for it.
final class CircuitWay {
    let action: ForwardingAction
    let state: NextHopState

    /// - Parameter gateway: `nil`: there is no circuit that can be used.
    init(_ gateway: CircuitGateway?, _ state: NextHopState) {
        action = gateway.map { .gateway(circuit: $0.circuit, address: $0.address) } ?? .discard
        self.state = gateway == nil ? .unreachable : state
    }
}

/// The ways of a VRF's Option AB neighbors.
struct CircuitWays {
    private var ways: [PeerAddress: PerAddressFamily] = [:]
    /// The gateways that do not answer; the others are taken to be there.
    private var silent: Set<CircuitGateway> = []

    private struct PerAddressFamily {
        let ipv4: CircuitWay
        let ipv6: CircuitWay

        func way(_ family: AddressFamily) -> CircuitWay { family == .ipv4 ? ipv4 : ipv6 }
    }

    /// `nil`: packets to the neighbor are labelled.
    func way(to neighbor: PeerAddress, _ family: AddressFamily) -> CircuitWay? {
        ways.isEmpty ? nil : ways[neighbor]?.way(family)
    }

    /// Whether a gateway answers, as far as it was said; `false`: that was known.
    mutating func set(_ gateway: CircuitGateway, isSilent: Bool, _ inputs: VRFInputs) -> Bool {
        guard isSilent ? silent.insert(gateway).inserted : silent.remove(gateway) != nil else { return false }
        configure(inputs)
        return true
    }

    func isSilent(_ gateway: CircuitGateway) -> Bool { silent.contains(gateway) }

    mutating func configure(_ inputs: VRFInputs) {
        silent.formIntersection(inputs.circuitGateways.values.flatMap(\.values))
        ways = inputs.circuitGateways.mapValues { gateways in
            PerAddressFamily(ipv4: way(by: gateways[.ipv4]), ipv6: way(by: gateways[.ipv6]))
        }
    }

    private func way(by gateway: CircuitGateway?) -> CircuitWay {
        CircuitWay(gateway, gateway.map(silent.contains) == true ? .unresolved : .resolved)
    }
}
