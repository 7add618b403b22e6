import Addressing
import Configuration

/// From a route map of the configuration to the entries of one place where it is attached.
struct RouteMapCompiler {
    let index: ConfigurationIndex
    let map: RouteMap
    let place: AttachmentPlace

    private var family: AddressFamily { place.family }

    /// The name under which the counters of an entry are numbered.
    ///
    /// - Parameter interface: where the map is attached.
    func instanceName(on interface: Interface, sequence: UInt16) -> String {
        let owner = index.configuration.numberedName(interface.name.description, ofVRF: interface.vrf)
        let direction = place.direction == .output ? " out" : ""
        return "\(owner) \(family == .ipv4 ? "ipv4" : "ipv6")\(direction) \(map.name) \(sequence)"
    }

    /// The entries that packets of the family can meet.
    var entries: [RouteMapEntry] {
        map.entries.filter { $0.accessLists.isEmpty || $0.accessLists[family] != nil }
    }

    /// The lists that it asks.
    var accessLists: [AccessListKey] {
        entries.flatMap { $0.accessLists[family] ?? [] }.map { AccessListKey(family: family, name: $0) }
    }

    /// - Parameters:
    ///   - vrf: of the packets.
    ///   - instance: the index of an entry's counters, by its sequence number.
    func plan(vrf: String, instance: (UInt16) -> UInt32) -> RouteMapPlan {
        RouteMapPlan(entries: entries.map { plan(of: $0, vrf: vrf, instance: instance($0.sequence)) })
    }

    private func plan(of entry: RouteMapEntry, vrf: String, instance: UInt32) -> RouteMapEntryPlan {
        var plan = RouteMapEntryPlan(sequence: UInt32(entry.sequence), instance: instance)
        plan.match = entry.accessLists[family].map { names in
            ClassMapPlan(
                requiresAll: false,
                criteria: names.map { name in
                    let key = AccessListKey(family: family, name: name)
                    return CriterionPlan(
                        kind: .accessList(ipv4: family == .ipv4 ? key : nil, ipv6: family == .ipv6 ? key : nil))
                })
        }
        if let lengths = entry.lengths { plan.lengths = lengths }
        guard entry.permits else { return plan }
        plan.dscp = entry.markedDSCP
        plan.nextHops = (entry.nextHops[family] ?? []).compactMap { address in
            index.circuit(ofVRF: vrf, towards: address).map {
                CircuitNeighbor(vrf: vrf, circuit: $0.name.description, address: address)
            }
        }
        plan.recursiveNextHop = entry.recursiveNextHops[family]
        switch entry.otherwise {
        case .lookup: break
        case .discard: plan.otherwise = .discard
        // The parser has made sure; no packet gets into a VRF that does not want it for a mistake there.
        case .vrf(let target):
            let isAllowed =
                place.direction == .input && index.configuration.allowsPolicyRoute(to: target, from: vrf)
            plan.otherwise = isAllowed ? .vrf(target) : .discard
        }
        return plan
    }
}
