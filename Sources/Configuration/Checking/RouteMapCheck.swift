import Addressing

/// Route maps name what exists, and their entries say one thing.
struct RouteMapCheck: ConfigurationCheck {
    private let routeMaps: [String: RouteMapDraft]
    private let vrfs: [String: VRFDraft]
    private let references: References
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        routeMaps = text.draft.routeMaps
        vrfs = text.draft.vrfs
        references = References(text, report)
    }

    func check(_ configuration: inout Configuration) {
        for (name, map) in routeMaps {
            var result = RouteMap(name: name)
            for (sequence, entry) in map.entries.sorted(by: { $0.key < $1.key }) {
                report.record(.routeMapEntry(routeMap: name, sequence: sequence), at: entry.declared)
                for (family, lists) in entry.accessLists {
                    for list in lists { references.check(accessList: list, family) }
                }
                if let vrf = entry.vrf, vrfs[vrf.value] == nil { references.undefinedVRF(vrf.value, at: vrf.range) }
                checkActions(of: entry)
                result.entries.append(model(of: entry, sequence: sequence))
            }
            configuration.routeMaps[name] = result
        }
    }

    private func model(of entry: RouteMapEntryDraft, sequence: UInt16) -> RouteMapEntry {
        var result = RouteMapEntry(sequence: sequence, permits: entry.permits)
        result.description = entry.description?.value
        result.accessLists = entry.accessLists.mapValues { $0.map(\.value) }
        result.lengths = entry.lengths?.value
        result.nextHops = entry.nextHops.mapValues { $0.map(\.value) }
        result.recursiveNextHops = entry.recursiveNextHops.mapValues(\.value)
        result.markedDSCP = entry.markedDSCP?.value
        result.policy = RouteMapPolicy(entry.policy)
        if let vrf = entry.vrf {
            result.otherwise = .vrf(vrf.value)
        } else if entry.discard != nil {
            result.otherwise = .discard
        }
        return result
    }

    private func checkActions(of entry: RouteMapEntryDraft) {
        let nextHops = (entry.nextHops.values.compactMap(\.first) + entry.recursiveNextHops.values).map(\.range)
            .min { $0.line < $1.line }
        let sets = [nextHops, entry.vrf?.range, entry.discard, entry.markedDSCP?.range].compactMap { $0 }
        if !entry.permits {
            if let range = entry.policy.firstSet {
                report(
                    .ineffectiveSet, "a 'deny' entry takes no route: nothing is written into it", at: range,
                    hint: "remove the line, or make it a 'permit' entry")
            }
            for range in sets {
                report(
                    .ineffectiveSet, "a 'deny' entry leaves packets to the lookup as they are", at: range,
                    hint: "remove the line, or make it a 'permit' entry")
            }
            return
        }
        for (family, recursive) in entry.recursiveNextHops
        where entry.nextHops[family]?.count ?? 0 > RouteMapEntry.mostNextHopsBesideRecursive {
            report(
                .conflictingStatement,
                "beside a recursive next hop an entry has room for \(RouteMapEntry.mostNextHopsBesideRecursive) others",
                at: recursive.range, hint: "leave out some of the neighbors, or this line")
        }
        guard let vrf = entry.vrf else { return }
        if nextHops != nil {
            report(
                .conflictingStatement, "the entry has next hops, which are in the VRF of the packet", at: vrf.range,
                hint: "keep 'set vrf' or the next hops")
        }
        if entry.discard != nil {
            report(
                .conflictingStatement, "the entry sends packets to null0 as well", at: vrf.range,
                hint: "keep one of the two lines")
        }
    }
}
