extension BGPRoutesResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("RD"), .name("PREFIX"), .name("NEIGHBOR"), .name("NEXT HOP"), .number("LABEL"),
                .name(view == .advertised ? "FROM VRF" : "IN VRFS"), .name("ROUTE TARGETS"), .number("MED"),
                .name("ORIGIN"), .name("STALE"), .name("AS PATH"),
            ], emptyText: "no routes")
        for route in routes {
            table.append([
                TextTable.Cell(route.routeDistinguisher), TextTable.Cell(route.prefix), TextTable.Cell(route.neighbor),
                TextTable.Cell(route.nextHop), TextTable.Cell(route.label), TextTable.Cell(list: route.vrfs),
                TextTable.Cell(list: route.routeTargets), TextTable.Cell(route.multiExitDiscriminator),
                TextTable.Cell(route.origin), TextTable.Cell(route.isStale ? "stale" : "-"),
                TextTable.Cell(route.autonomousSystemPath),
            ])
        }
        return table
    }
}
