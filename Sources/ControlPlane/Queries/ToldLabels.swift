import Addressing
import Configuration
import ControlProtocol
import Routing

/// The labels that neighbors are told and that are valid nowhere, and where packets go in their place (Option AB).
struct ToldLabels {
    let routing: RoutingTable
    let index: ConfigurationIndex

    /// In the order of the labels.
    var all: [ToldLabel] {
        routing.labels.labels.filter { $0.key.subject.isValidNowhere }.compactMap { owner, label in
            guard let vrf = owner.vrf?.name, let since = routing.labelIsValid(since: owner) else { return nil }
            return ToldLabel(
                label: label, vrf: vrf, neighbor: owner.neighbor.address,
                farEnds: farEnds(ofVRF: vrf, towards: owner.neighbor.address),
                isReplaced: index.isEligible(vrf: vrf, onNeighbor: owner.neighbor.address), since: Timestamp(since))
        }.sorted { $0.label < $1.label }
    }

    /// One of a family, IPv4 first; none where packets are labelled.
    func farEnds(ofVRF vrf: String, towards neighbor: IPAddress) -> [CircuitFarEnd] {
        (index.gateways(ofVRF: vrf, towards: neighbor) ?? [:]).sorted { $0.key < $1.key }.map { family, address in
            CircuitFarEnd(
                address: address, circuit: index.circuit(ofVRF: vrf, towards: address)?.name.description,
                isUsable: routing.hasCircuitGateway(inVRF: vrf, towards: PeerAddress(neighbor), family))
        }
    }

    /// The VRFs that exchange packets with a neighbor on circuits, in the order of their names.
    func vrfs(towards neighbor: IPAddress) -> [VRFOnCircuits] {
        index.vrfs.filter { index.gateways(ofVRF: $0.name, towards: neighbor) != nil }.map {
            VRFOnCircuits(vrf: $0.name, farEnds: farEnds(ofVRF: $0.name, towards: neighbor))
        }
    }
}
