import ControlProtocol
import Routing

extension ShowLabels: PromptlyAnswered {
    /// Those that the tables have, not those that routing asked for.
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> LabelsResult {
        let (tables, routing, counters) = (plane.tables, plane.routing, plane.operatorCounters.shown)
        let valid = tables.labels.all.keys.sorted { ($0.nni, $0.label) < ($1.nni, $1.label) }.map { binding in
            // What is swapped is counted by the NNI alone.
            let installed = tables.labels[binding]
            let counter = installed?.record == nil ? 0 : installed?.entry.counter ?? 0
            let hits = counters.counters(ofInterface: counter)
            return ValidLabel(
                nni: binding.nni, label: binding.label, vrf: binding.vrf ?? "",
                swap: tables.labels.target(of: binding).map { "\($0)" }, unit: tables.plan.names[counter] ?? "",
                neighbor: binding.neighbor.address,
                sourceMacAddresses: tables.labels.sources(of: binding.label, on: binding.nni),
                since: routing.labelIsValid(since: binding.owner).map { Timestamp($0) },
                hitPackets: hits.rxPackets, hitBytes: hits.rxBytes)
        }
        let quarantined = routing.labelStatus().compactMap { status -> QuarantinedLabel? in
            guard case .quarantined(let until) = status.state else { return nil }
            return QuarantinedLabel(
                label: status.label, vrf: status.owner?.vrf?.name, neighbor: status.owner?.neighbor.address,
                until: Timestamp(until))
        }
        return LabelsResult(
            labels: valid, quarantined: quarantined,
            validNowhere: ToldLabels(routing: routing, index: plane.index).all)
    }
}
