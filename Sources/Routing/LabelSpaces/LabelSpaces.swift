import Addressing

/// Who gives labels: a PE by the next hop of its routes, as the router says that has brought them into the own network. A next hop is
/// anybody's to write: whoever takes another's shares nothing with that one.
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

    mutating func add(_ label: PlacedLabel, of provider: LabelAssigner) {
        switch label.space {
        case .common: common.add(label.key)
        case .context(let name): contexts[name, default: SpaceTable()].add(label.key)
        case .provider: providers[provider, default: SpaceTable()].add(label.key)
        }
    }

    mutating func remove(_ label: PlacedLabel, of provider: LabelAssigner) {
        switch label.space {
        case .common: common.remove(label.key)
        case .context(let name):
            contexts[name]?.remove(label.key)
            if contexts[name]?.isEmpty == true { contexts[name] = nil }
        case .provider:
            providers[provider]?.remove(label.key)
            if providers[provider]?.isEmpty == true { providers[provider] = nil }
        }
    }
}
