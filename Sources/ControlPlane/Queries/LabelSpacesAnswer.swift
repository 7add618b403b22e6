import Addressing
import Configuration
import ControlProtocol
import Routing

extension ShowLabelSpaces: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> LabelSpacesResult {
        let routing = plane.routing
        return LabelSpacesResult(
            spaces: ProvisionedLabels(
                configuration: plane.configuration, tables: plane.tables, waits: routing.commonLabelWaits,
                received: routing.receivedLabelSpaces
            ).spaces,
            inconsistentTunnels: routing.inconsistentTunnels(limit: Self.mostTunnels).map(ShownInconsistentTunnel.init),
            inconsistentTunnelCount: routing.inconsistentTunnelCount, waitingRouteCount: routing.waitingLabelRoutes)
    }

    /// So many tunnels are listed whose routes disagree.
    private static let mostTunnels = 100
}

/// What is provisioned, what of that the tables have, and what PEs have said of the same spaces.
private struct ProvisionedLabels {
    let configuration: Configuration
    let tables: InstalledTables
    let waits: [CommonLabelWait]
    let received: [ReceivedLabelSpace]

    var spaces: [ShownLabelSpace] { provisioned + unprovisioned }

    private var provisioned: [ShownLabelSpace] {
        guard configuration.mpls.commonBlock != nil || !configuration.labelSpaces.isEmpty else { return [] }
        let named = configuration.labelSpaces.values.sorted { $0.name < $1.name }
        let places = tables.labels.spaces.keys
        let names = named.map { space in
            ShownCommonLabel(
                label: space.contextLabel, space: space.name,
                validOn: places.filter { $0.context == space.contextLabel }.map(\.nni).sorted())
        }
        let common = ShownLabelSpace(
            kind: .default, block: configuration.mpls.commonBlock,
            labels: (names + labels(of: nil)).sorted { $0.label < $1.label }, received: counts(.common))
        return [common]
            + named.map {
                ShownLabelSpace(
                    kind: .context, name: $0.name, contextLabel: $0.contextLabel, block: $0.block,
                    labels: labels(of: $0.name), received: counts(.context($0.contextLabel)))
            }
    }

    /// Spaces that PEs have named, and those of PEs themselves.
    private var unprovisioned: [ShownLabelSpace] {
        let names = Set(configuration.labelSpaces.values.map(\.contextLabel))
        return received.compactMap { space in
            let counts = ShownReceivedLabelCounts(space)
            switch space.space {
            case .common: return nil
            case .context(let name):
                guard !names.contains(name) else { return nil }
                return ShownLabelSpace(kind: .context, contextLabel: name, block: nil, labels: [], received: counts)
            case .provider(let address):
                return ShownLabelSpace(kind: .provider, provider: address, block: nil, labels: [], received: counts)
            }
        }
    }

    private func counts(_ space: ReceivedLabelSpace.Space) -> ShownReceivedLabelCounts? {
        received.first { $0.space == space }.map(ShownReceivedLabelCounts.init)
    }

    private func labels(of space: String?) -> [ShownCommonLabel] {
        var labels: [ShownCommonLabel] = []
        for vrf in configuration.vrfsInOrder {
            guard let provisioned = vrf.commonLabel, provisioned.space == space,
                let label = configuration.commonLabel(ofVRF: vrf.name)
            else { continue }
            let valid = tables.labels.all.keys.filter {
                $0.vrf == vrf.name && $0.owner.subject.commonLabel == label
            }
            labels.append(
                ShownCommonLabel(
                    label: label.label, vrf: vrf.name, validOn: Set(valid.map(\.nni)).sorted(),
                    waits: waits.filter { $0.vrf == vrf.name && $0.label == label }.map {
                        ShownLabelWait(neighbor: $0.neighbor.address, until: $0.until.map { Timestamp($0) })
                    }))
        }
        return labels.sorted { $0.label < $1.label }
    }
}

extension ShownReceivedLabelCounts {
    fileprivate init(_ space: ReceivedLabelSpace) {
        self.init(
            tunnels: space.counts[.tunnel] ?? 0, segments: space.counts[.segment] ?? 0,
            providers: space.counts[.provider] ?? 0, spaces: space.counts[.space] ?? 0)
    }
}

extension ShownInconsistentTunnel {
    fileprivate init(_ tunnel: InconsistentTunnel) {
        self.init(
            provider: tunnel.provider, tunnel: tunnel.tree.description, withDcbFlag: tunnel.withFlag,
            withLabelSpace: tunnel.withSpace, withNeither: tunnel.withNeither)
    }
}
