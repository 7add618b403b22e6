import Configuration
import ControlProtocol
import ForwardingTables

extension ControlPlane {
    /// `show.accounting`.
    func accounting(_ query: AccountingQuery) throws(ControlError) -> AccountingResult {
        if let vrf = query.vrf, configuration.vrfs[vrf] == nil {
            throw ControlError(.noSuchObject, "there is no VRF \(vrf)")
        }
        let interfaces = plan.interfaces.values.compactMap(account).filter { query.vrf == nil || $0.vrf == query.vrf }
            .sorted { ($0.vrf, $0.interface) < ($1.vrf, $1.interface) }
        let byVRF = Dictionary(grouping: interfaces, by: \.vrf)
        let vrfs = index.vrfs.filter { query.vrf == nil || $0.name == query.vrf }.map { vrf in
            let own = byVRF[vrf.name] ?? []
            let none = TrafficCount(packets: 0, bytes: 0)
            return VRFAccount(
                vrf: vrf.name, received: own.map(\.received).reduce(none, +), sent: own.map(\.sent).reduce(none, +))
        }
        let classes = try attachedPolicies(InterfaceQuery()).flatMap(accounts).filter {
            query.vrf == nil || $0.vrf == query.vrf
        }
        return AccountingResult(takenAt: takenAt, vrfs: vrfs, interfaces: interfaces, classes: classes)
    }

    /// A circuit's or unit's account; an NNI's counters are those of its units and of what belongs to nobody.
    private func account(_ interface: InterfacePlan) -> InterfaceAccount? {
        guard let vrf = interface.vrf else { return nil }
        let (received, sent) = accounts.account(of: interface.number, counters(of: interface.number))
        return InterfaceAccount(
            vrf: vrf, interface: interface.name, kind: interface.isUnit ? .unit : .attachmentCircuit,
            received: received, sent: sent)
    }

    private func accounts(_ attached: AttachedPolicy) -> [ClassAccount] {
        PolicyCompiler.classNames(of: attached.policy).map { name in
            let counters =
                instance(of: name, in: attached).map { baselines.account(ofClass: $0, in: dataplane.reader) }
                ?? ClassCounters()
            return ClassAccount(
                vrf: attached.vrf, interface: attached.impliedUnit ?? attached.interface.name.description,
                direction: ServiceDirection(attached.direction), policyMap: attached.policy.name, className: name,
                traffic: TrafficCount(packets: counters.sum.packets, bytes: counters.sum.octets))
        }
    }
}
