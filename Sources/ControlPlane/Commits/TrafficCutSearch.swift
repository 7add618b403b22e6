import BGP
import Configuration
import ControlProtocol
import Routing

/// What traffic a configuration cuts when it takes the place of the one in force.
struct TrafficCutSearch {
    let basis: PlanBasis
    let new: PreparedConfiguration
    /// The labels that neighbors may be sending with.
    let labels: LabelAllocations

    private var old: Configuration { basis.index.configuration }

    var cuts: [TrafficCut] { customers + interfaces + lostLabels + sessions }

    private var customers: [TrafficCut] {
        let interfaces = old.interfaces.values.reduce(into: [:] as [String: Int]) { counts, interface in
            if let vrf = interface.vrf { counts[vrf, default: 0] += 1 }
        }
        return old.vrfsInOrder.filter { new.loaded.configuration.vrfs[$0.name] == nil }.map { vrf in
            TrafficCut(
                kind: .customerVanishes, subject: vrf.name,
                reason: "the VRF is removed, and carried by \(interfaces[vrf.name] ?? 0) interfaces")
        }
    }

    private var interfaces: [TrafficCut] {
        old.interfaces.keys.filter { new.loaded.configuration.interfaces[$0] == nil }.sorted().map { name in
            TrafficCut(kind: .interfaceVanishes, subject: name.description, reason: "it is removed")
        }
    }

    /// A label goes with its VRF's name or route distinguisher, and with the neighbor that was told it.
    private var lostLabels: [TrafficCut] {
        let vrfs = Set(new.loaded.configuration.vrfs.values.map { VRFIdentity($0) })
        let neighbors = Set(new.neighbors.filter { $0.domain?.vrf == nil }.map(\.address))
        return labels.labels.sorted { $0.key < $1.key }.compactMap { owner, label in
            guard case .vrf(let vrf) = owner.subject else { return nil }
            let reason: String
            if !vrfs.contains(vrf) {
                reason = "VRF \(vrf.name) or its route distinguisher \(vrf.routeDistinguisher) is removed"
            } else if !neighbors.contains(owner.neighbor.address) {
                reason =
                    "neighbor \(owner.neighbor.address), which sends packets of VRF \(vrf.name) with it, is removed"
            } else {
                return nil
            }
            return TrafficCut(kind: .labelGoes, subject: "\(label.rawValue)", reason: reason)
        }
    }

    private var sessions: [TrafficCut] {
        let before = BGPNeighborCompiler(
            index: basis.index, plan: basis.plan, port: basis.bgpPort, linkName: basis.linkName
        ).neighbors()
        let after = Dictionary(new.neighbors.map { ($0.peer, $0) }) { first, _ in first }
        let hasOtherIdentifier =
            BGPNeighborCompiler.routerIdentifier(of: old)
            != BGPNeighborCompiler.routerIdentifier(of: new.loaded.configuration)
        return before.filter { !$0.shutdown }.compactMap { neighbor in
            let name = basis.plan.name(of: neighbor.peer)
            let subject = name.vrf.map { "\(name.address) in VRF \($0)" } ?? "\(name.address)"
            guard let other = after[neighbor.peer] else {
                return TrafficCut(kind: .sessionEnds, subject: subject, reason: "the neighbor is removed")
            }
            if other.shutdown {
                return TrafficCut(kind: .sessionEnds, subject: subject, reason: "the neighbor is shut down")
            }
            if hasOtherIdentifier {
                return TrafficCut(
                    kind: .sessionResets, subject: subject, reason: "the router identifier is another one")
            }
            guard !neighbor.isSameSession(as: other) else { return nil }
            return TrafficCut(
                kind: .sessionResets, subject: subject,
                reason: "what both sides agree on when it begins, or its connection, is another one")
        }
    }
}
