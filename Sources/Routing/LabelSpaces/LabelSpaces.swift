import Addressing

/// The tables of labels that PEs of the own network have said packets will have (RFC 9573 §4.2): the default one for labels of the common
/// block, one for each context-specific label space, and one for each PE that gives labels from its own (RFC 5331).
struct LabelSpaces {
    private(set) var common = SpaceTable()
    private(set) var contexts: [MPLSLabel: SpaceTable] = [:]
    private(set) var providers: [IPAddress: SpaceTable] = [:]

    mutating func add(_ label: PlacedLabel, of provider: IPAddress) {
        switch label.space {
        case .common: common.add(label.key)
        case .context(let name): contexts[name, default: SpaceTable()].add(label.key)
        case .provider: providers[provider, default: SpaceTable()].add(label.key)
        }
    }

    mutating func remove(_ label: PlacedLabel, of provider: IPAddress) {
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
