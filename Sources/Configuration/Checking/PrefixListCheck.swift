import Addressing

/// The lists with their entries in order; those that are named exist.
struct PrefixListCheck: ConfigurationCheck {
    private let lists: [PrefixListKey: PrefixListDraft]
    private let vrfs: [String: VRFDraft]
    private let bgp: BGPDraft
    private let routeMaps: [String: RouteMapDraft]
    private let references: References
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        lists = text.draft.prefixLists
        vrfs = text.draft.vrfs
        bgp = text.draft.bgp
        routeMaps = text.draft.routeMaps
        references = References(text, report)
    }

    func check(_ configuration: inout Configuration) {
        for (key, draft) in lists {
            report.record(.prefixList(key.family, key.name), at: draft.declared)
            var list = PrefixList(name: key.name, family: key.family)
            list.entries = draft.entries.sorted { $0.key < $1.key }.map(\.value.value)
            configuration.prefixLists[key.family, default: [:]][key.name] = list
        }
        for vrf in vrfs.values {
            for (family, names) in vrf.prefixLists {
                for name in names.all {
                    checkReference(toPrefixList: name, family)
                    references.check(family, isCarriedBy: vrf.name, at: name.range)
                }
            }
        }
        for entry in routeMaps.values.flatMap(\.entries.values) {
            for (family, names) in entry.policy.prefixLists {
                for name in names { checkReference(toPrefixList: name, family) }
            }
        }
        for (_, peer) in bgp.allPeers {
            for (family, settings) in peer.families {
                for name in settings.allPrefixLists { checkReference(toPrefixList: name, family.addressFamily) }
                for name in settings.depthLists[.one]?.all ?? [] { checkPermits(of: name, family.addressFamily) }
            }
        }
        checkCount(of: bgp.allPeers.flatMap { $0.peer.listsOfReflectors })
    }

    /// Entries of lists of depth 1 that packets of reflectors are compared with, one by one: in the core with those of all neighbors.
    private static let mostReflectors = 256

    private func checkCount(of names: [(family: AddressFamily, name: Located<String>)]) {
        var count = 0
        for (family, name) in names {
            count += lists[PrefixListKey(family: family, name: name.value)]?.entries.count ?? 0
            guard count > Self.mostReflectors else { continue }
            report(
                .manyReflectors,
                "more than \(Self.mostReflectors) entries of prefix lists of depth 1: packets of reflectors are compared with "
                    + "each of them",
                at: name.range, hint: "list reflectors by prefixes that have several")
            return
        }
    }

    /// A list of depth 1 is also between whom packets may go, and there no entry comes before another.
    private func checkPermits(of name: Located<String>, _ family: AddressFamily) {
        guard
            let entries = lists[PrefixListKey(family: family, name: name.value)]?.entries.sorted(by: { $0.key < $1.key }
            ),
            let deny = entries.first(where: { !$0.value.value.permits })?.value
        else { return }
        report(
            .notSupported, "a prefix list of depth 1 permits alone: line \(deny.range.line) denies", at: name.range,
            hint: "list the reflectors without 'deny'")
    }

    private func checkReference(toPrefixList name: Located<String>, _ family: AddressFamily) {
        guard lists[PrefixListKey(family: family, name: name.value)] == nil else { return }
        report.undefined(
            .undefinedPrefixList, family == .ipv4 ? "IPv4 prefix list" : "IPv6 prefix list", name.value, at: name.range,
            defined: lists.keys.filter { $0.family == family }.map(\.name),
            definition: "\(family.prefixWord) prefix-list \(name.value) permit P/L")
    }
}

extension PeerDraft {
    /// The lists of its reflectors, by their places in the text.
    fileprivate var listsOfReflectors: [(family: AddressFamily, name: Located<String>)] {
        var found: [(family: AddressFamily, name: Located<String>)] = []
        for (family, settings) in families {
            for name in settings.depthLists[.one]?.all ?? [] { found.append((family.addressFamily, name)) }
        }
        return found.sorted { $0.name.range.line < $1.name.range.line }
    }
}
