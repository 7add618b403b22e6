import Addressing

/// Services that are right and do nothing where they are: warnings, since a list may be there before the family is, and
/// one policy map may serve interfaces of several kinds.
struct ServiceEffects {
    private let interfaces: [(name: InterfaceName, draft: InterfaceDraft)]
    private let hasCore: Bool
    private let classMaps: [String: ClassMapDraft]
    private let policyMaps: [String: PolicyMapDraft]
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        interfaces = text.interfaces
        hasCore = interfaces.contains { $0.draft.core != nil }
        classMaps = text.draft.classMaps
        policyMaps = text.draft.policyMaps
    }

    func warnOfServices(of interface: InterfaceDraft, _ kind: InterfaceKind, _ vrfs: [String: VRF]) {
        let vrf: VRF?
        switch kind {
        case .attachmentCircuit(let circuit): vrf = vrfs[circuit.vrf]
        case .unit(let unit): vrf = vrfs[unit.vrf]
        case .coreUnit(let unit): vrf = vrfs[unit.vrf]
        // All eligible VRFs share it.
        case .nni: vrf = nil
        case .core, .carrier: return
        }
        if let vrf { warnOfFamilies(of: interface, vrf) }
        for (direction, policyMap) in interface.servicePolicies {
            guard let map = policyMaps[policyMap.value] else { continue }
            let place = LabelledTraffic(kind, direction, crosses: hasCore || vrf?.allowsTransit ?? true)
            for (name, policyClass) in map.classes.sorted(by: { $0.key < $1.key }) {
                if !place.comesWithLabel, looksAtReceivedLabel(name, policyClass) {
                    report(
                        .serviceWithoutEffect,
                        "class '\(name)' of policy map '\(policyMap.value)' looks at the label that packets came in "
                            + "with, and here none came with one", at: policyMap.range, hint: place.hint)
                }
                if !place.leavesWithLabel, policyClass.setsImposedLabel {
                    report(
                        .serviceWithoutEffect,
                        "class '\(name)' of policy map '\(policyMap.value)' sets the traffic class of the label that "
                            + "packets leave with, and from here none leaves with one", at: policyMap.range,
                        hint: place.hint)
                }
            }
        }
    }

    /// A class map asks lists for their verdicts alone: what they log is said only where they are attached.
    func warnOfLog(in lists: [AccessListDraft], _ name: Located<String>) {
        for list in lists {
            let logs = list.entries.contains { entry in
                if case .rule(let rule) = entry.value.content { rule.logs } else { false }
            }
            let isAttached = interfaces.contains { interface in
                interface.draft.accessGroups.contains { $0.key.family == list.family && $0.value.value == name.value }
            }
            guard logs, !isAttached else { continue }
            report(
                .serviceWithoutEffect, "a class map asks access list '\(name.value)', and its 'log' has no effect here",
                at: name.range, hint: "it has where the list is attached to an interface")
        }
    }

    private func warnOfFamilies(of interface: InterfaceDraft, _ vrf: VRF) {
        let ofFamilies =
            interface.accessGroups.map { ($0.key.family, $0.value.range) }
            + interface.sourceChecks.map { ($0.key, $0.value.range) }
        for (family, range) in ofFamilies where !vrf.addressFamilies.contains(family) {
            report(
                .serviceWithoutEffect,
                "VRF '\(vrf.name)' carries no \(family == .ipv4 ? "IPv4" : "IPv6"): the line has no effect until it does",
                at: range, hint: "add 'address-family \(family.keyword)' under 'ip vrf \(vrf.name)'")
        }
    }

    /// Whether a class matches the received label's traffic class, or is marked or coloured by it.
    private func looksAtReceivedLabel(_ name: String, _ policyClass: PolicyClassDraft) -> Bool {
        let policer = policyClass.policer?.value
        let names = [name, policer?.conformColour, policer?.exceedColour].compactMap { $0 }
        return policyClass.dscpTable != nil
            || names.compactMap { classMaps[$0] }.flatMap(\.criteria).contains { criterion in
                if case .mplsTrafficClass = criterion.value.positive { true } else { false }
            }
    }
}

/// What labels the packets have that pass a policy at its place. From one NNI to another packets go only in a VRF that
/// allows transit, between NNI and core in all.
private struct LabelledTraffic {
    /// Whether any of them came in with a label.
    let comesWithLabel: Bool
    /// Whether any of them leaves with one.
    let leavesWithLabel: Bool
    let hint: String

    init(_ kind: InterfaceKind, _ direction: TrafficDirection, crosses: Bool) {
        let isCircuit = if case .attachmentCircuit = kind { true } else { false }
        let isInput = direction == .input
        comesWithLabel = isCircuit ? !isInput : isInput || crosses
        leavesWithLabel = isCircuit ? isInput : !isInput || crosses
        hint =
            isCircuit
            ? "circuits carry no labels: attach it to a unit or an NNI, or in the other direction"
            : "attach it in the other direction: the VRF carries nothing from NNI to NNI without 'optE transit'"
    }
}

extension PolicyClassDraft {
    /// Whether packets get the traffic class of the label that they leave with here.
    fileprivate var setsImposedLabel: Bool {
        let policer = policer?.value
        let actions: [PolicerAction?] = [policer?.conformAction, policer?.exceedAction, policer?.violateAction]
        return markedTrafficClass != nil || trafficClassTable != nil
            || actions.contains { if case .setTrafficClass? = $0 { true } else { false } }
    }
}
