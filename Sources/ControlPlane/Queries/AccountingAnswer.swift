import Configuration
import ControlProtocol
import ForwardingTables

extension ShowAccounting: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> AccountingResult {
        if let vrf, plane.configuration.vrfs[vrf] == nil {
            throw ControlError(.noSuchObject, "there is no VRF \(vrf)")
        }
        let counters = plane.operatorCounters.shown
        let interfaces = plane.plan.interfaces.values
            .compactMap { $0.account(counters, plane.operatorCounters) }
            .filter { vrf == nil || $0.vrf == vrf }
            .sorted { ($0.vrf, $0.interface) < ($1.vrf, $1.interface) }
        let byVRF = Dictionary(grouping: interfaces, by: \.vrf)
        let vrfs = plane.index.vrfs.filter { vrf == nil || $0.name == vrf }.map { vrf in
            let own = byVRF[vrf.name] ?? []
            let none = TrafficCount(packets: 0, bytes: 0)
            return VRFAccount(
                vrf: vrf.name, received: own.map(\.received).reduce(none, +), sent: own.map(\.sent).reduce(none, +))
        }
        let policies = plane.attachedPolicies
        let classes = policies.all.flatMap { policies.accounts(of: $0, counters) }.filter {
            vrf == nil || $0.vrf == vrf
        }
        return AccountingResult(takenAt: .now, vrfs: vrfs, interfaces: interfaces, classes: classes)
    }
}

extension InterfacePlan {
    /// A circuit's or unit's account; an NNI's counters are those of its units and of what belongs to nobody.
    fileprivate func account(_ counters: ShownCounters, _ accounts: OperatorCounters) -> InterfaceAccount? {
        guard let vrf else { return nil }
        let (received, sent) = accounts.account(
            of: number.rawValue, counters.counters(ofInterface: number.rawValue))
        return InterfaceAccount(
            vrf: vrf, interface: name, kind: isUnit ? .unit : .attachmentCircuit, received: received, sent: sent)
    }
}

extension AttachedPolicies {
    fileprivate func accounts(of attached: AttachedPolicy, _ counters: ShownCounters) -> [ClassAccount] {
        PolicyCompiler.classNames(of: attached.policy).map { name in
            let sum = counters.account(ofClass: instance(of: name, in: attached)).sum
            return ClassAccount(
                vrf: attached.vrf, interface: attached.impliedUnit ?? attached.interface.name.description,
                direction: ServiceDirection(attached.direction), policyMap: attached.policy.name, className: name,
                traffic: TrafficCount(packets: sum.packets, bytes: sum.octets))
        }
    }
}
