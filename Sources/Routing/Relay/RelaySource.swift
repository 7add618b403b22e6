import Addressing
import BGP

/// Where routes lead, and what a label for them means: one for all routes of a next hop with the same label, or one of a
/// single route's own; of relayed routes, or of a VRF's.
final class RelaySource {
    let subject: LabelSubject
    /// Of a single route's own it may become another.
    private(set) var target: LabelTarget
    /// By how many routes, each counted for each neighbor that is given it, it is used.
    private(set) var uses = 0

    init(_ subject: LabelSubject, _ target: LabelTarget) {
        self.subject = subject
        self.target = target
    }

    func redirect(to target: LabelTarget) { self.target = target }

    func retain() { uses += 1 }
    func release() { uses -= 1 }
}

/// What tells next hops and their labels apart, in less room than a ``SwapTarget``: this is looked up for each route.
struct RelaySourceKey: Hashable {
    enum Way: Hashable {
        case neighbor(IPAddress)
        case provider(IPAddress)
    }

    let way: Way
    let labels: ReceivedLabels

    /// `nil` for a path without a next hop.
    init?(_ path: Path) { self.init(path.labels, path.attributes, of: path.neighbor) }

    /// `nil` for a route without a next hop.
    init?(_ route: AdjRIBInTable.Route, of neighbor: NeighborState) {
        self.init(route.labels, route.usedAttributes, of: neighbor)
    }

    private init?(_ labels: ReceivedLabels, _ attributes: PathAttributes, of neighbor: NeighborState) {
        self.labels = labels
        if neighbor.isInternal {
            guard let provider = attributes.nextHop?.resolvedAddress else { return nil }
            way = .provider(provider)
        } else {
            way = .neighbor(neighbor.peer.address)
        }
    }

    init?(_ target: SwapTarget) {
        guard let stack = LabelStack(target.labels), stack.count <= ReceivedLabels.most else { return nil }
        labels = ReceivedLabels(stack)
        switch target.way {
        case .neighbor(let neighbor): way = .neighbor(neighbor.address)
        case .provider(let address): way = .provider(address)
        }
    }
}

extension LabelTarget {
    /// Where a relayed path leads; `nil` for one without a next hop.
    init?(_ path: Path) {
        guard let target = SwapTarget(path) else { return nil }
        self = .swap(target)
    }
}

extension SwapTarget {
    /// Where a path leads; `nil` for one without a next hop.
    init?(_ path: Path) {
        if path.isInternal {
            guard let provider = path.attributes.nextHop?.resolvedAddress else { return nil }
            self.init(way: .provider(provider), labels: path.labels.stack.labels)
        } else {
            guard let identity = path.neighbor.inputs.identity else { return nil }
            self.init(way: .neighbor(identity), labels: path.labels.stack.labels)
        }
    }
}
