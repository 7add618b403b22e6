import Addressing
import BGP

/// Everything that routing is told by the configuration and by the state of the interfaces.
///
/// It is handed over as a whole; ``RoutingTable`` works out what has changed.
public struct RoutingInputs: Hashable, Sendable {
    /// Our AS number: put in front of every path that leaves, refused in every path that arrives.
    public var autonomousSystem: UInt32
    /// The labels that VRFs are given; what lies outside 16 to 1,048,575 is not used (RFC 3032 §2.1).
    public var labelRange: ClosedRange<UInt32> = 16...1_048_575
    /// The labels that are provisioned, and never given to who is to have one of its own (RFC 9573 §3.1).
    public var commonBlock: ClosedRange<UInt32>?
    /// How long a label that was in use is not given to another VRF, in seconds.
    public var labelQuarantineSeconds: UInt32 = 300
    /// Whether valid routes are kept that no eligible VRF imports.
    public var keepsRoutesWithoutImport = false
    /// The longest time that routes of a lost session are kept, in seconds, whatever the neighbor asks for and whether
    /// it comes back or not (RFC 4724 §4.2 lets the receiver set this bound).
    public var staleRetentionSeconds: UInt32 = 360
    /// The VRFs by name.
    public var vrfs: [String: VRFInputs] = [:]
    /// The BGP neighbors by address.
    public var neighbors: [PeerAddress: NeighborInputs] = [:]
    /// The box's own addresses, as host prefixes, that labelled unicast tells routers of the own network.
    public var loopbacks: Set<IPPrefix> = []

    public init(autonomousSystem: UInt32) { self.autonomousSystem = autonomousSystem }

    /// The most labels that the routes of a VRF take up: what it says itself, or a share of the range.
    func maximumLabels(ofVRF name: String) -> Int {
        vrfs[name]?.maximumLabels ?? RelayLabelShares.share(of: drawnLabels.count)
    }

    /// Whether any VRF's label is one of a label space.
    var hasLabelSpaces: Bool { vrfs.values.contains { $0.commonLabel?.context != nil } }

    /// What labels are drawn from.
    var drawnLabels: LabelRange { LabelRange(labelRange, without: commonBlock) }

    /// The internal neighbors that are clients of this box in each family (RFC 4456 §4).
    var reflectorClients: [SessionFamily: Set<PeerAddress>] {
        var clients: [SessionFamily: Set<PeerAddress>] = [:]
        for (peer, neighbor) in neighbors {
            for family in neighbor.families.keys where neighbor.role(in: family) == .reflectorClient {
                clients[family, default: []].insert(peer)
            }
        }
        return clients
    }

    /// Whether VPN, MVPN or EVPN routes may go on from or to neighbors on NNIs without a VRF.
    var isRelaying: Bool {
        neighbors.values.contains { $0.families.values.contains { $0.role?.isRelayed == true } }
    }

    /// The neighbors whose routes may be relayed, or who may be given such: what relaying depends on.
    var relaying: [PeerAddress: NeighborInputs] {
        guard isRelaying else { return [:] }
        return neighbors.filter { _, neighbor in
            neighbor.isInternal || neighbor.families.values.contains { $0.role?.isRelayed == true }
        }
    }

    /// The neighbors whose labelled unicast routes may go on, or who may be given such: none without one of Option C.
    var relayingLabelled: [PeerAddress: NeighborInputs] {
        let labelled = neighbors.filter { peer, neighbor in
            peer.vrf == nil
                && neighbor.families.contains { $0.key.isLabeledUnicast && $0.value.role != nil }
        }
        return labelled.values.contains { $0.families.values.contains { $0.role == .optionC } } ? labelled : [:]
    }

    /// The targets whose routes of internal neighbors are kept to be relayed, though no VRF imports them.
    var targetsRelayedFromCore: [PeerAddress: [SessionFamily: ListedTargets]] {
        guard isRelaying else { return [:] }
        return neighbors.filter(\.value.isInternal).mapValues { $0.families.mapValues(\.relay.imported) }
    }

    /// What of the attributes that come in has to be kept, because there is a neighbor to whom it may go on, or because it is asked for.
    var keptAttributes: AttributePolicy {
        AttributePolicy(
            passedTypeCodes: neighbors.values.reduce(into: []) { $0.formUnion($1.attributePolicy.passedTypeCodes) })
    }

    /// The same without Option E to neighbors in our own AS, which is no border.
    var withOptionEToExternalNeighborsOnly: RoutingInputs {
        var inputs = self
        for (address, neighbor) in neighbors where neighbor.remoteAutonomousSystem == autonomousSystem {
            inputs.neighbors[address]?.families = neighbor.families.mapValues {
                $0.role?.isInternal == true ? $0 : NeighborInputs.Family(nil, prefixLimit: $0.prefixLimit)
            }
        }
        return inputs
    }
}
