import Addressing

extension ConfigurationChecker {
    /// The lists with their entries in order; those that are named exist.
    mutating func checkPrefixLists() {
        for (key, draft) in draft.prefixLists {
            record(.prefixList(key.family, key.name), at: draft.declared)
            var list = PrefixList(name: key.name, family: key.family)
            list.entries = draft.entries.sorted { $0.key < $1.key }.map(\.value.value)
            configuration.prefixLists[key.family, default: [:]][key.name] = list
        }
        for vrf in draft.vrfs.values {
            for (family, names) in vrf.prefixLists {
                for name in names.all {
                    checkReference(toPrefixList: name, family)
                    checkFamily(family, isCarriedBy: vrf.name, at: name.range)
                }
            }
        }
        for peer in draft.bgp.peers.values {
            for (family, settings) in peer.families {
                for name in settings.prefixLists.all { checkReference(toPrefixList: name, family.addressFamily) }
            }
        }
    }

    private mutating func checkReference(toPrefixList name: Located<String>, _ family: AddressFamily) {
        guard draft.prefixLists[PrefixListKey(family: family, name: name.value)] == nil else { return }
        reportUndefined(
            .undefinedPrefixList, family == .ipv4 ? "IPv4 prefix list" : "IPv6 prefix list", name.value, at: name.range,
            defined: draft.prefixLists.keys.filter { $0.family == family }.map(\.name),
            definition: "\(family.prefixWord) prefix-list \(name.value) permit P/L")
    }
}
