extension IsolationResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("VRF"), .name("DIRECTION"), .name("INTERFACE"), .number("LABEL"), .number("PREFIXES"),
            ], emptyText: "no VRF has a door")
        for vrf in vrfs {
            for door in vrf.entrances {
                table.append([
                    TextTable.Cell(vrf.vrf), "in", TextTable.Cell(door.interface), TextTable.Cell(door.label), "-",
                ])
            }
            for door in vrf.exits {
                table.append([
                    TextTable.Cell(vrf.vrf), "out", TextTable.Cell(door.interface), TextTable.Cell(door.label),
                    TextTable.Cell(door.prefixes),
                ])
            }
        }
        return table
    }

    /// The doors of each VRF, what route maps give from one to another, then what crosses else, or that nothing does.
    public func text(_ style: TextStyle) -> String {
        var text = table().text(style) + "\n"
        for vrf in vrfs where !vrf.policyRouteTargets.isEmpty {
            let targets = vrf.policyRouteTargets.joined(separator: ", ")
            text += "route maps give packets of \(vrf.vrf) to \(targets)".withoutControlCharacters + "\n"
        }
        for violation in violations {
            let place = [violation.vrf, violation.otherVrf.map { "to \($0)" }, violation.prefix?.description]
                .compactMap { $0 }.joined(separator: " ")
            let sentence = "VIOLATION \(place): \(violation.message) (\(violation.entry))"
            text += style.show(sentence.withoutControlCharacters, as: .bad) + "\n"
        }
        let isCrossedByPolicy = vrfs.contains { !$0.policyRouteTargets.isEmpty }
        let nothing = isCrossedByPolicy ? "nothing else crosses" : "nothing crosses"
        let outcome =
            isIsolated ? style.show(nothing, as: .good) : style.show("\(violations.count) violations", as: .bad)
        return text + "\(outcome): \(entriesChecked) entries of generation \(generation) checked\n"
    }
}
