import Addressing
import Configuration
import ControlProtocol
import Routing

extension ShowLabelSpaces: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> LabelSpacesResult {
        LabelSpacesResult(
            spaces: ProvisionedLabels(
                configuration: plane.configuration, tables: plane.tables, waits: plane.routing.commonLabelWaits
            ).spaces)
    }
}

/// What is provisioned, and what of that the tables have.
private struct ProvisionedLabels {
    let configuration: Configuration
    let tables: InstalledTables
    let waits: [CommonLabelWait]

    var spaces: [ShownLabelSpace] {
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
            labels: (names + labels(of: nil)).sorted { $0.label < $1.label })
        return [common]
            + named.map {
                ShownLabelSpace(
                    kind: .context, name: $0.name, contextLabel: $0.contextLabel, block: $0.block,
                    labels: labels(of: $0.name))
            }
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
