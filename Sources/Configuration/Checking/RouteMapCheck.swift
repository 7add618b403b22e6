import Addressing

extension ConfigurationChecker {
    /// Route maps name what exists, and their entries say one thing.
    mutating func checkRouteMaps() {
        for (name, map) in draft.routeMaps {
            var result = RouteMap(name: name)
            for (sequence, entry) in map.entries.sorted(by: { $0.key < $1.key }) {
                record(.routeMapEntry(routeMap: name, sequence: sequence), at: entry.declared)
                for (family, lists) in entry.accessLists {
                    for list in lists { checkReference(toAccessList: list, family) }
                }
                if let vrf = entry.vrf, draft.vrfs[vrf.value] == nil { reportUndefinedVRF(vrf.value, at: vrf.range) }
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
        if let vrf = entry.vrf {
            result.otherwise = .vrf(vrf.value)
        } else if entry.discard != nil {
            result.otherwise = .discard
        }
        return result
    }

    private mutating func checkActions(of entry: RouteMapEntryDraft) {
        let nextHops = (entry.nextHops.values.compactMap(\.first) + entry.recursiveNextHops.values).map(\.range)
            .min { $0.line < $1.line }
        let sets = [nextHops, entry.vrf?.range, entry.discard, entry.markedDSCP?.range].compactMap { $0 }
        if !entry.permits {
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

    /// The route map that an interface names exists.
    mutating func checkReference(toRouteMap name: Located<String>) {
        guard draft.routeMaps[name.value] == nil else { return }
        reportUndefined(
            .undefinedRouteMap, "route map", name.value, at: name.range, defined: draft.routeMaps.keys,
            definition: "route-map \(name.value) permit 10")
    }

    /// Where route maps are attached: other VRFs take the packets that they are given, and next hops are neighbors. Comes
    /// last: which VRFs an NNI's services are for depends on BGP.
    mutating func checkPolicyRouting() {
        guard !configuration.routeMaps.isEmpty else { return }
        let index = configuration.index
        for interface in index.interfaces {
            let attached = draft.interfaces[interface.name]?.routeMaps ?? [:]
            for place in AttachmentPlace.allCases {
                guard let name = attached[place], let map = configuration.routeMaps[name.value] else { continue }
                let vrfs = index.vrfs(servedOn: interface)
                for entry in map.entries {
                    switch place.direction {
                    case .input: checkTarget(of: entry, in: map, from: vrfs, place.family, at: name.range)
                    case .output: checkStaysInVRF(entry, in: map, at: name.range)
                    }
                    checkNextHops(of: entry, in: map, from: vrfs, place.family, at: name.range, index)
                }
            }
        }
    }

    /// What leaves has been routed in its VRF: only what comes in can be given to another.
    private mutating func checkStaysInVRF(_ entry: RouteMapEntry, in map: RouteMap, at range: SourceRange) {
        guard case .vrf = entry.otherwise else { return }
        report(
            .policyRouteNotAllowed,
            "entry \(entry.sequence) of route map '\(map.name)' sets a VRF, which what leaves cannot be given to",
            at: range, hint: "attach it where the packets come in, without 'out'")
    }

    private mutating func checkTarget(
        of entry: RouteMapEntry, in map: RouteMap, from sources: [String], _ family: AddressFamily,
        at range: SourceRange
    ) {
        guard case .vrf(let target) = entry.otherwise, configuration.vrfs[target] != nil else { return }
        for source in sources where !configuration.allowsPolicyRoute(to: target, from: source) {
            report(
                .policyRouteNotAllowed,
                "entry \(entry.sequence) of route map '\(map.name)' gives packets of VRF '\(source)' to VRF "
                    + "'\(target)', which does not allow it", at: range,
                hint: "add 'policy-route from \(source)' to 'ip vrf \(target)'")
        }
        let isOfOtherFamily = entry.accessLists[family] == nil && !entry.accessLists.isEmpty
        if !isOfOtherFamily { checkFamily(family, isCarriedBy: target, at: range) }
    }

    private mutating func checkNextHops(
        of entry: RouteMapEntry, in map: RouteMap, from vrfs: [String], _ family: AddressFamily, at range: SourceRange,
        _ index: ConfigurationIndex
    ) {
        guard !vrfs.isEmpty else { return }
        for nextHop in entry.nextHops[family] ?? []
        where !vrfs.contains(where: { index.circuit(ofVRF: $0, towards: nextHop) != nil }) {
            let names = vrfs.map { "'\($0)'" }.joined(separator: ", ")
            report(
                .unreachableNextHop,
                "\(nextHop) of entry \(entry.sequence) of route map '\(map.name)' is no neighbor on a circuit of VRF "
                    + "\(names): no packet is sent there", at: range,
                hint: "where a route leads, by an NNI as well: 'set \(family.prefixWord) next-hop recursive \(nextHop)'"
            )
        }
    }
}
