import Addressing
import Configuration

extension RandomConfiguration {
    /// Lets customers of some VRFs be carriers themselves: those that have no part in Option E and AB.
    mutating func makeCarriers() {
        for (name, vrf) in configuration.vrfs.sorted(by: { $0.key < $1.key })
        where vrf.optionE == .byUnitOnly && vrf.optionAB.isEmpty && !hasUnitOfOptionE(name) {
            let circuits = configuration.interfaces.values.filter { interface in
                if case .attachmentCircuit(let circuit) = interface.kind { circuit.vrf == name } else { false }
            }
            for interface in circuits {
                guard case .attachmentCircuit(var circuit) = interface.kind else { continue }
                circuit.carriesLabels = true
                configuration.interfaces[interface.name]?.kind = .attachmentCircuit(circuit)
            }
            guard !circuits.isEmpty else { continue }
            if vrf.labelMode != .perPrefix { configuration.vrfs[name]?.labelMode = .perVRF }
            makeNeighborsSendLabels(inVRF: name)
        }
    }

    private func hasUnitOfOptionE(_ vrf: String) -> Bool {
        configuration.interfaces.values.contains { interface in
            guard case .unit(let unit) = interface.kind, unit.vrf == vrf,
                case .nni(let nni)? = configuration.interfaces[unit.nni]?.kind
            else { return false }
            return nni.option == .optionE
        }
    }

    private mutating func makeNeighborsSendLabels(inVRF vrf: String) {
        for name in configuration.bgp?.neighbors.keys.sorted() ?? []
        where name.vrf == vrf && !name.address.isLinkLocal {
            let family = SessionFamily(unicast: name.address.family)
            guard configuration.bgp?.neighbors[name]?.settings.families[family]?.isActivated == true else { continue }
            configuration.bgp?.neighbors[name]?.settings.families[family]?.sendsLabels = true
            configuration.bgp?.neighbors[name]?.settings.families[family]?.originatesDefault = false
        }
    }
}
