import Addressing

/// What has routes that call for labels: relays, and VRFs whose labels mean less than the VRF.
struct LabelCallers {
    let relay: RouteRelay
    let labelled: LabelledRelay
    let signalling: SignallingRelay
    let sources: VRFLabelSources

    /// How many neighbors may be told labels of what one neighbor has sent, each once.
    var receiverCount: Int { Set((relay.receivers + signalling.receivers).map(\.peer)).count }

    /// Whose routes call for a label.
    func caller(for owner: LabelOwner) -> any RelayLabels {
        switch owner.subject {
        case .labelledPrefix: labelled
        case .relayedService(let target): target.stack == .frame ? signalling.frames : signalling.packets
        case .segment: signalling.segmentation.labels
        case .vrf, .vrfOnCircuit, .common, .nextHop, .prefix, .circuitPrefix: sources
        case .relayed, .relayedPrefix: relay
        }
    }

    func takeChanges() -> [(owner: LabelOwner, change: RelayLabelDemand.Change)] {
        relay.takeLabelChanges() + labelled.takeLabelChanges() + signalling.frames.takeLabelChanges()
            + signalling.packets.takeLabelChanges() + signalling.segmentation.labels.takeLabelChanges()
            + sources.takeLabelChanges()
    }

    /// The neighbor does not use what it was told any more.
    func forget(_ peer: PeerAddress) {
        relay.forget(peer, .gone)
        labelled.forget(peer, .gone)
        signalling.forget(peer, .gone)
        sources.forget(peer, .gone)
    }

    /// Labels of a neighbor are invalid before it has heard of that.
    func reviseWaiting(for peer: PeerAddress) {
        relay.reviseWaiting(for: peer)
        labelled.reviseWaiting(for: peer)
        signalling.frames.reviseWaiting(for: peer)
        signalling.packets.reviseWaiting(for: peer)
        signalling.segmentation.labels.reviseWaiting(for: peer)
        sources.reviseWaiting(for: peer)
    }
}
