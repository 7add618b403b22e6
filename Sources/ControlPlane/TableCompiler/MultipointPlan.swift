import Addressing
import Configuration
import Routing

/// A label of the core whose packets go to several.
package struct MultipointPlan: Hashable, Sendable {
    /// The PE that they come from.
    let source: IPAddress
    /// How many labels have to be under it.
    let innerLabels: UInt8
    /// Each with one label, in the order of the configuration.
    let members: [SwapTarget]
}

extension ForwardingPlanCompiler {
    /// A member is the neighbor on an NNI that has the address, otherwise a PE.
    mutating func addMultipointLabels() {
        let systems = Dictionary(
            index.sessions(inVRF: nil).map { ($0.address, $0.remoteAS) }, uniquingKeysWith: { first, _ in first })
        for label in configuration.multipointLabels {
            var members: [SwapTarget] = []
            for branch in label.branches {
                var way = SwapTarget.Way.provider(branch.address)
                if let place = index.nni(towards: branch.address), let system = systems[branch.address] {
                    way = .neighbor(
                        NeighborIdentity(
                            address: branch.address, autonomousSystem: system,
                            nni: place.interface.name.description))
                }
                members.append(SwapTarget(way: way, labels: [branch.label]))
            }
            plan.multipointLabels[label.label] = MultipointPlan(
                source: label.source, innerLabels: label.innerLabels, members: members)
        }
    }
}
