extension RoutesResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("VRF"), .name("PREFIX"), .name("SOURCE"), .number("DISTANCE"), .name("NEXT HOP"),
                .name("INTERFACE"), .number("LABEL"), .name("RESOLVED"),
                .name("INSTALLED"),
            ], emptyText: "no routes")
        for route in routes {
            // One line for each next hop; the route's own columns stand on the first.
            let nextHops: [RouteNextHop?] = route.nextHops.isEmpty ? [nil] : route.nextHops
            for (index, nextHop) in nextHops.enumerated() {
                let isFirst = index == 0
                table.append([
                    isFirst ? TextTable.Cell(route.vrf) : "", isFirst ? TextTable.Cell(route.prefix) : "",
                    isFirst ? TextTable.Cell(route.source.rawValue) : "",
                    isFirst ? TextTable.Cell(route.administrativeDistance) : "",
                    TextTable.Cell(nextHop?.address), TextTable.Cell(nextHop?.interface),
                    TextTable.Cell(nextHop?.label), TextTable.Cell(nextHop.map { $0.isResolved ? "yes" : "no" }),
                    isFirst
                        ? route.isInstalled ? TextTable.Cell("yes") : TextTable.Cell("no room", .bad) : "",
                ])
            }
        }
        return table
    }
}
