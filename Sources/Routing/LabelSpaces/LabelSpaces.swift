import Addressing

/// Who gives labels: the root of the tunnel's tree, or where that does not say it the next hop of its routes, as the router says that has
/// brought them into the own network. A tree and a next hop are anybody's to write: whoever takes another's shares nothing with that one.
struct LabelAssigner: Hashable, Comparable {
    let address: IPAddress
    /// RFC 4456 §8.
    let originator: IPv4Address

    static func < (a: Self, b: Self) -> Bool {
        (a.address, a.originator.rawValue) < (b.address, b.originator.rawValue)
    }
}

/// The tables of labels that PEs of the own network have said packets will have (RFC 9573 §4.2): the default one for labels of the common
/// block, one for each context-specific label space, and one for each PE that gives labels from its own (RFC 5331).
struct LabelSpaces {
    private(set) var common = SpaceTable()
    private(set) var contexts: [MPLSLabel: SpaceTable] = [:]
    private(set) var providers: [LabelAssigner: SpaceTable] = [:]

    /// - Parameter assigner: who has given it.
    mutating func add(_ label: PlacedLabel, of assigner: LabelAssigner) {
        switch label.space {
        case .common: common.add(label.key)
        case .context(let name): contexts[name, default: SpaceTable()].add(label.key)
        case .provider: providers[assigner, default: SpaceTable()].add(label.key)
        }
    }

    mutating func remove(_ label: PlacedLabel, of assigner: LabelAssigner) {
        switch label.space {
        case .common: common.remove(label.key)
        case .context(let name):
            contexts[name]?.remove(label.key)
            if contexts[name]?.isEmpty == true { contexts[name] = nil }
        case .provider:
            providers[assigner]?.remove(label.key)
            if providers[assigner]?.isEmpty == true { providers[assigner] = nil }
        }
    }

    /// Whether somebody says that the label stands for something else.
    func isContradicted(_ label: PlacedLabel, of assigner: LabelAssigner) -> Bool {
        switch label.space {
        case .common: common.isContradicted(label.key)
        case .context(let name): contexts[name]?.isContradicted(label.key) == true
        case .provider: providers[assigner]?.isContradicted(label.key) == true
        }
    }
}
