import Addressing

/// What neighbors were told, kept by somebody who reads their UPDATEs and the operator's files, and what follows from it: a
/// label works for whom it was told to, into the VRF that it was told for, and for nobody else ever after.
struct IsolationLedger {
    /// The VRF is its name and its route distinguisher's number.
    struct Owner: Hashable {
        let name: String
        let number: Int
        let neighbor: IsolationScene.Identity
    }

    enum Verdict: Equatable {
        /// Packets reach the customer's circuit behind this port.
        case must(port: Int)
        /// They reach it or nothing: the label is on its way out, or the neighbor on its way back.
        case may(port: Int)
        case mustNot
    }

    /// Whose each label is that was ever told.
    private(set) var owners: [MPLSLabel: Owner] = [:]
    /// What each neighbor with a session has been told and not been told to forget, by its slot.
    private var told: [Int: Set<MPLSLabel>] = [:]
    /// What a neighbor may have heard on its session, or on the one before if it is kept over a restart.
    private var heard: [Int: Set<MPLSLabel>] = [:]
    /// Whether the tables are those that the sessions ask for, and not the ones of the run before.
    var isSettled = true

    /// What a neighbor has in its hands now. Returns what is wrong with it.
    mutating func note(
        _ routes: [(number: Int, label: MPLSLabel)], of neighbor: IsolationScene.Neighbor,
        in scene: IsolationScene
    ) -> [String] {
        var wrong: [String] = []
        told[neighbor.slot] = Set(routes.map(\.label))
        heard[neighbor.slot, default: []].formUnion(routes.map(\.label))
        for route in routes {
            guard let customer = scene.customers.first(where: { $0.isConfigured && $0.number == route.number }),
                customer.eligible.contains(neighbor.slot)
            else {
                wrong.append("\(neighbor.address) is told of 42:\(route.number), which is not open to it")
                continue
            }
            let owner = Owner(name: customer.name, number: customer.number, neighbor: scene.identity(of: neighbor))
            if let before = owners[route.label], before != owner {
                wrong.append("label \(route.label) of \(before) is given to \(owner)")
            }
            owners[route.label] = owner
        }
        return wrong
    }

    /// A session is over. What it was told stays with a neighbor that is away for a restart.
    mutating func end(_ slot: Int, isKept: Bool) {
        told[slot] = nil
        if !isKept { heard[slot] = nil }
    }

    /// What neighbors have in their hands now.
    var labelsInHand: Set<MPLSLabel> { told.values.reduce(into: []) { $0.formUnion($1) } }

    /// Nobody knows any more what labels there were but these.
    mutating func forget(allBut known: Set<MPLSLabel>) { owners = owners.filter { known.contains($0.key) } }

    /// What becomes of a frame that comes in by an NNI from an Ethernet address.
    func verdict(on nni: Int, from source: MACAddress, label: MPLSLabel, in scene: IsolationScene) -> Verdict {
        guard let owner = owners[label], owner.neighbor.nni == nni, let neighbor = scene.neighbor(owner.neighbor),
            !neighbor.isShutdown, scene.mayBeSent(from: source, by: neighbor),
            heard[neighbor.slot]?.contains(label) == true,
            let customer = scene.customer(named: owner.name, number: owner.number)
        else { return .mustNot }
        guard isSettled, told[neighbor.slot]?.contains(label) == true else { return .may(port: customer.port) }
        return .must(port: customer.port)
    }
}
