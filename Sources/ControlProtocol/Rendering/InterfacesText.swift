extension InterfacesResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("INTERFACE"), .name("KIND"), .name("STATE"), .name("VRF"), .name("ENCAPSULATION"),
                .name("ADDRESSES"), .number("RX PACKETS"), .number("RX BYTES"), .number("TX PACKETS"),
                .number("TX BYTES"), .number("POLICY DROPS"), .number("OTHER DROPS"),
            ], emptyText: "no interfaces")
        for interface in interfaces {
            table.append([
                TextTable.Cell(interface.name), TextTable.Cell(interface.kind.title),
                TextTable.Cell(interface.portState.rawValue, interface.portState.emphasis),
                TextTable.Cell(interface.vrf), TextTable.Cell(interface.encapsulation),
                TextTable.Cell(list: interface.addresses), TextTable.Cell(interface.rxPackets),
                TextTable.Cell(interface.rxBytes), TextTable.Cell(interface.txPackets),
                TextTable.Cell(interface.txBytes),
                TextTable.Cell(interface.policyDropPackets),
                TextTable.Cell(interface.otherDropPackets, interface.otherDropPackets > 0 ? .warning : .none),
            ])
        }
        return table
    }

    /// The table; of a single interface everything, with the drops by reason.
    public func text(_ style: TextStyle) -> String {
        guard interfaces.count == 1, let interface = interfaces.first else { return table().text(style) }
        var text = table().text(style)
        var facts: [(String, String?)] = [
            ("description", interface.description), ("port", interface.port), ("nni", interface.nni),
            ("mac address", interface.macAddress?.description), ("mtu", "\(interface.mtuBytes) bytes"),
        ]
        if interface.isImplied { facts.append(("unit", "implied by the VRF's eligibility")) }
        if let services = interface.services { facts += services.facts }
        text += factLines(facts, style)
        if !interface.drops.isEmpty {
            var drops = TextTable([.name("REASON"), .name("CLASS"), .number("PACKETS")], emptyText: "")
            for drop in interface.drops {
                drops.append([
                    TextTable.Cell(drop.reason), TextTable.Cell(drop.dropClass.rawValue), TextTable.Cell(drop.packets),
                ])
            }
            text += "\n" + drops.text(style)
        }
        return text
    }
}

extension InterfaceServices {
    var facts: [(String, String?)] {
        [
            ("services of", attachedTo), ("source check ipv4", sourceCheckIpv4),
            ("source check ipv6", sourceCheckIpv6), ("access list in ipv4", accessListInIpv4),
            ("access list in ipv6", accessListInIpv6), ("access list out ipv4", accessListOutIpv4),
            ("access list out ipv6", accessListOutIpv6), ("policy in", policyIn), ("policy out", policyOut),
            ("route map ipv4", routeMapIpv4), ("route map ipv6", routeMapIpv6),
            ("route map out ipv4", routeMapOutIpv4), ("route map out ipv6", routeMapOutIpv6),
            ("refused", isRefused ? "all packets: what is configured does not fit into the tables" : nil),
        ]
    }
}

extension InterfaceStatus.Kind {
    var title: String {
        switch self {
        case .attachmentCircuit: "circuit"
        case .nni: "nni"
        case .unit: "unit"
        }
    }
}

extension PortState {
    var emphasis: Emphasis {
        switch self {
        case .up: .good
        case .down, .failed: .bad
        case .absent, .shutdown: .warning
        }
    }
}

/// Lines of a name and a value each; those without a value are left out.
func factLines(_ facts: [(name: String, value: String?)], _ style: TextStyle) -> String {
    let width = facts.map(\.name.count).max() ?? 0
    return facts.reduce(into: "") { text, fact in
        guard let value = fact.value else { return }
        let padding = String(repeating: " ", count: width - fact.name.count)
        text += style.show(fact.name, as: .heading) + padding + "  " + value.withoutControlCharacters + "\n"
    }
}
