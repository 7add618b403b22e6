extension VRFsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("VRF"), .name("RD"), .name("IMPORT"), .name("EXPORT"), .number("LABEL"), .name("TRANSIT"),
                .number("IPV4 ROUTES"), .number("IPV6 ROUTES"), .number("NO ROOM"), .number("COUNTED"),
                .number("MAXIMUM"), .name("LIMIT"), .number("MEMORY KIB"), .number("RESERVED KIB"),
                .name("ELIGIBLE ON"), .name("INTERFACES"),
            ], emptyText: "no VRFs")
        for vrf in vrfs {
            table.append([
                TextTable.Cell(vrf.name), TextTable.Cell(vrf.routeDistinguisher),
                TextTable.Cell(list: vrf.importRouteTargets), TextTable.Cell(list: vrf.exportRouteTargets),
                TextTable.Cell(list: vrf.labels), TextTable.Cell(vrf.isTransit ? "yes" : "no"),
                TextTable.Cell(vrf.ipv4Routes), TextTable.Cell(vrf.ipv6Routes),
                TextTable.Cell(vrf.waitingRoutes, vrf.waitingRoutes == 0 ? .none : .bad),
                TextTable.Cell(vrf.countedRoutes), TextTable.Cell(vrf.maximumRoutes),
                TextTable.Cell(vrf.maximumRoutesState?.rawValue, vrf.maximumRoutesState?.emphasis ?? .none),
                TextTable.Cell((vrf.routeMemoryBytes + 1023) / 1024),
                TextTable.Cell(vrf.reservedRouteMemoryBytes / 1024),
                TextTable.Cell(list: vrf.eligibleNeighbors), TextTable.Cell(list: vrf.interfaces),
            ])
        }
        return table
    }
}

extension RouteLimitState {
    fileprivate var emphasis: Emphasis {
        switch self {
        case .within: .none
        case .near: .warning
        case .exceeded, .refusing: .bad
        }
    }
}
