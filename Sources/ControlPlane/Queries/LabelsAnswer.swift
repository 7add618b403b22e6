import ControlProtocol
import Routing

extension ShowLabels: PromptlyAnswered {
    /// Those that the tables have, not those that routing asked for.
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> LabelsResult {
        let (tables, routing, counters) = (plane.tables, plane.routing, plane.operatorCounters.shown)
        let valid = tables.labels.all.keys.sorted {
            ($0.nni, $0.label, $0.owner) < ($1.nni, $1.label, $1.owner)
        }.map { binding in
            // What is swapped is counted by the NNI alone, and a unit counts the packets of all its labels.
            let unit = tables.labels[binding]?.record.flatMap { tables.plan.interfaces[$0.name] }
            let hits = counters.counters(ofInterface: unit?.number.rawValue ?? 0)
            return ValidLabel(
                nni: binding.nni, label: binding.label, vrf: binding.vrf ?? "", subject: binding.owner.subject.part,
                way: tables.labels.way(of: binding).map { $0.action.text(tables.plan) },
                swap: tables.labels.target(of: binding).map { "\($0)" } ?? tables.copies.text(of: binding),
                unit: unit?.name ?? "",
                neighbor: binding.neighbor.address,
                sourceMacAddresses: tables.labels.sources(
                    of: binding.label, under: binding.context, on: binding.nni),
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

extension InstalledCopies {
    /// To whom copies of a label's packets go, in words; `nil`: they are not copied.
    fileprivate func text(of binding: LabelBinding) -> String? {
        targets(of: binding).map { "copies: " + $0.map(\.description).joined(separator: " and ") }
    }
}

extension LabelSubject {
    /// What of its VRF it is, in words; `nil`: all of it, or it is of no VRF.
    var part: String? {
        switch self {
        case .vrf, .vrfOnCircuit, .relayed, .relayedPrefix, .labelledPrefix, .relayedService, .segment: nil
        case .common(_, let label): label.context.map { "common, under \($0)" } ?? "common"
        case .nextHop(_, let family, let nextHop): "\(family) by \(nextHop)"
        case .prefix(_, let prefix): "\(prefix)"
        case .circuitPrefix(_, let prefix): "\(prefix), from its circuit"
        }
    }
}

extension ForwardingAction {
    /// Where it leads, in words.
    func text(_ plan: ForwardingPlan) -> String {
        switch self {
        case .receive: "the box itself"
        case .connected(let circuit): "the subnet of \(plan.interface(numbered: circuit)?.name ?? "\(circuit)")"
        case .gateway(let circuit, let address):
            "\(address) on \(plan.interface(numbered: circuit)?.name ?? "\(circuit)")"
        case .labelled(let neighbor, let label, let outer):
            "label \(outer.map { "\($0)/" } ?? "")\(label) by \(neighbor.address) on \(plan.interfaceOfPeer[neighbor] ?? "no NNI")"
        case .overCore(let provider, let label, _): "label \(label) by \(provider) over \(ForwardingPlan.coreName)"
        case .discard: "Null0"
        case .multipath(let actions): actions.map { $0.text(plan) }.joined(separator: ", ")
        }
    }
}
