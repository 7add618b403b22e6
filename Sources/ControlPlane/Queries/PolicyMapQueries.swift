import Addressing
import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables

/// A policy map where packets of a VRF meet it.
struct AttachedPolicy {
    let interface: Interface
    let vrf: String?
    let direction: TrafficDirection
    let policy: PolicyMap

    /// What the names of its counters begin with.

    /// The unit of the VRF on the NNI that the policy is attached to.
    var impliedUnit: String? {
        guard case .nni = interface.kind, let vrf else { return nil }
        return ForwardingPlan.impliedUnitName(nni: interface.name.description, vrf: vrf)
    }
}

extension ControlPlane {
    /// `show.policy_map`.
    func policyMap(_ query: InterfaceQuery) throws(ControlError) -> PolicyMapResult {
        PolicyMapResult(takenAt: takenAt, policies: try attachedPolicies(query).map(status))
    }

    /// `clear.policy_map`.
    func clearPolicyMap(_ query: InterfaceQuery) throws(ControlError) -> CountersClearedResult {
        let instances = try attachedPolicies(query).flatMap { attached in
            PolicyCompiler.classNames(of: attached.policy).compactMap { instance(of: $0, in: attached) }
        }
        if let reader = dataplane.reader {
            baselines.clearClasses(instances, in: reader)
            saveBaselines()
        }
        return CountersClearedResult(clearedAt: takenAt, counters: instances.count)
    }

    /// All attached policies, or those of one interface: of an NNI those of each of its implied units, which are apart.
    func attachedPolicies(_ query: InterfaceQuery) throws(ControlError) -> [AttachedPolicy] {
        var interfaces = index.interfaces
        var impliedUnit: InterfacePlan?
        if let wanted = query.interface {
            if InterfaceName(wanted) == nil { impliedUnit = plan.interfaces[wanted] }
            let name = InterfaceName(wanted) ?? impliedUnit?.nniName.flatMap { InterfaceName($0) }
            guard let interface = name.flatMap({ configuration.interfaces[$0] }) else {
                throw ControlError(.noSuchObject, "there is no interface \(wanted)")
            }
            interfaces = [interface]
        }
        return interfaces.flatMap { interface -> [AttachedPolicy] in
            let policies = [(TrafficDirection.input, interface.inputPolicy), (.output, interface.outputPolicy)]
                .compactMap { direction, name in
                    name.flatMap { configuration.policyMaps[$0] }.map { (direction, $0) }
                }
            guard !policies.isEmpty else { return [] }
            return vrfs(of: interface, only: impliedUnit).flatMap { vrf in
                policies.map { AttachedPolicy(interface: interface, vrf: vrf, direction: $0, policy: $1) }
            }
        }
    }

    /// The VRFs that have policers of their own on an interface; one `nil` where there is none so far, so that the policy
    /// is seen to be attached.
    private func vrfs(of interface: Interface, only unit: InterfacePlan?) -> [String?] {
        if let unit { return [unit.vrf] }
        guard case .nni = interface.kind else { return [interface.vrf] }
        let nni = interface.name.description
        let vrfs = plan.units.keys.filter { key in
            key.nni == nni && plan.unit(nni: nni, vrf: key.vrf)?.kind == .unit(nni: nni, isImplied: true)
        }.map(\.vrf).sorted()
        return vrfs.isEmpty ? [nil] : vrfs
    }

    /// The number of a class's counters.
    func instance(of name: String, in attached: AttachedPolicy) -> UInt32? {
        let place = ServicesCompiler.place(attached.interface, vrf: attached.vrf, configuration)
        let name = ServicesCompiler.instanceName(place, attached.direction, class: name)
        return numbers.classInstances.numbers[name]
    }

    private func status(_ attached: AttachedPolicy) -> AttachedPolicyStatus {
        AttachedPolicyStatus(
            interface: attached.interface.name.description, unit: attached.impliedUnit, vrf: attached.vrf,
            direction: ServiceDirection(attached.direction), policyMap: attached.policy.name,
            classes: PolicyCompiler.classNames(of: attached.policy).map { status($0, in: attached) })
    }

    private func status(_ name: String, in attached: AttachedPolicy) -> PolicyClassStatus {
        let counters =
            instance(of: name, in: attached).map { baselines.counters(ofClass: $0, in: dataplane.reader) }
            ?? ClassCounters()
        func count(_ colour: stile_colour) -> TrafficCount {
            TrafficCount(packets: counters.packets[Int(colour.rawValue)], bytes: counters.octets[Int(colour.rawValue)])
        }
        let policer = attached.policy.classes.first { $0.name == name }?.policer
        return PolicyClassStatus(
            name: name, green: count(STILE_GREEN), yellow: count(STILE_YELLOW), red: count(STILE_RED),
            policer: policer.map(PolicerStatus.init))
    }
}

extension ServiceDirection {
    init(_ direction: TrafficDirection) {
        switch direction {
        case .input: self = .input
        case .output: self = .output
        }
    }
}

extension PolicerStatus {
    init(_ policer: Policer) {
        self.init(
            committedRateBitsPerSecond: policer.committedRateBitsPerSecond,
            committedBurstBytes: policer.committedBurstOctets, peakRateBitsPerSecond: policer.peakRateBitsPerSecond,
            excessBurstBytes: policer.excessBurstOctets, conformAction: Self.text(policer.conformAction),
            exceedAction: Self.text(policer.exceedAction), violateAction: policer.violateAction.map(Self.text),
            accountBytes: Int(policer.accountOctets), conformColour: policer.conformColour,
            exceedColour: policer.exceedColour)
    }

    private static func text(_ action: PolicerAction) -> String {
        switch action {
        case .transmit: "transmit"
        case .drop: "drop"
        case .setDSCP(let value): "set dscp \(value)"
        case .setTrafficClass(let value): "set mpls experimental \(value)"
        }
    }
}
