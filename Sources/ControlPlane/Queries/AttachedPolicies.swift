import Configuration
import ControlProtocol

/// A policy map where packets of a VRF meet it.
struct AttachedPolicy {
    let interface: Interface
    let vrf: String?
    let direction: TrafficDirection
    let policy: PolicyMap

    /// The unit of the VRF on the NNI that the policy is attached to.
    var impliedUnit: String? {
        guard case .nni = interface.kind, let vrf else { return nil }
        return ForwardingPlan.impliedUnitName(nni: interface.name.description, vrf: vrf)
    }
}

/// Where policy maps are attached, and which numbers their counters have.
struct AttachedPolicies {
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    let numbers: TableNumbers

    private var configuration: Configuration { index.configuration }

    var all: [AttachedPolicy] { index.interfaces.flatMap { policies(on: $0, only: nil) } }

    /// Those of one interface: of an NNI those of each of its implied units, which are apart. All if it is `nil`.
    func on(_ wanted: String?) throws(ControlError) -> [AttachedPolicy] {
        guard let wanted else { return all }
        let impliedUnit = InterfaceName(wanted) == nil ? plan.interfaces[wanted] : nil
        let name = InterfaceName(wanted) ?? impliedUnit?.nniName.flatMap { InterfaceName($0) }
        guard let interface = name.flatMap({ configuration.interfaces[$0] }) else {
            throw ControlError(.noSuchObject, "there is no interface \(wanted)")
        }
        return policies(on: interface, only: impliedUnit)
    }

    /// The number of a class's counters.
    func instance(of name: String, in attached: AttachedPolicy) -> UInt32? {
        let place = ServicesCompiler.place(attached.interface, vrf: attached.vrf, configuration)
        let name = ServicesCompiler.instanceName(place, attached.direction, class: name)
        return numbers.classInstances.numbers[name]
    }

    private func policies(on interface: Interface, only unit: InterfacePlan?) -> [AttachedPolicy] {
        let policies = [(TrafficDirection.input, interface.inputPolicy), (.output, interface.outputPolicy)]
            .compactMap { direction, name in name.flatMap { configuration.policyMaps[$0] }.map { (direction, $0) } }
        guard !policies.isEmpty else { return [] }
        return vrfs(of: interface, only: unit).flatMap { vrf in
            policies.map { AttachedPolicy(interface: interface, vrf: vrf, direction: $0, policy: $1) }
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
}

extension ControlPlane {
    var attachedPolicies: AttachedPolicies { AttachedPolicies(index: index, plan: plan, numbers: numbers) }
}
