import Addressing

// The blocks of the canonical text: each has its head, and what its statements print.

extension DataplaneSettings {
    var section: ConfigurationSection {
        ConfigurationSection("dataplane", DataplaneStatements.table.lines(of: self).indented)
    }
}

extension Port {
    var section: ConfigurationSection {
        ConfigurationSection("port \(name)", PortStatements.table.lines(of: self).indented)
    }
}

extension LabelSpace {
    var section: ConfigurationSection {
        ConfigurationSection("mpls label-space \(name)", CommonLabelStatements.ofSpace.lines(of: self).indented)
    }
}

extension VRF {
    var section: ConfigurationSection {
        ConfigurationSection("ip vrf \(name)", VRFStatements.table.lines(of: self).indented)
    }
}

extension Interface {
    /// - Parameter saysBinding: Whether a unit must say what it is bound to, because the port has several links that have units.
    func section(saysBinding: Bool) -> ConfigurationSection {
        let printed = PrintedInterface(interface: self, saysBinding: saysBinding)
        return ConfigurationSection("interface \(name)", InterfaceStatements.table.lines(of: printed).indented)
    }
}

extension Loopback {
    var section: ConfigurationSection {
        ConfigurationSection("interface loopback0", LoopbackStatements.table.lines(of: self).indented)
    }
}

extension FlowExporterSettings {
    var section: ConfigurationSection {
        ConfigurationSection("flow exporter \(name)", FlowExporterStatements.table.lines(of: self).indented)
    }
}

extension FlowMonitorSettings {
    var section: ConfigurationSection {
        ConfigurationSection("flow monitor \(name)", FlowMonitorStatements.table.lines(of: self).indented)
    }
}

extension TableMap {
    var section: ConfigurationSection {
        ConfigurationSection("table-map \(name)", TableMapStatements.table.lines(of: self).indented)
    }
}

extension ClassMap {
    /// The criteria stand in the order in which they were said.
    var section: ConfigurationSection {
        ConfigurationSection(
            "class-map \(requiresAll ? "match-all" : "match-any") \(name)", criteria.map { "match \($0.text)" }.indented
        )
    }
}

extension ClassCriterion {
    fileprivate var text: String {
        switch self {
        case .any: "any"
        case .accessGroup(let list): "access-group name \(list)"
        case .dscp(let values):
            "dscp " + values.map(PacketVocabulary.text(ofCodePoint:)).joined(separator: " ")
        case .mplsTrafficClass(let values):
            "mpls experimental topmost " + values.map(String.init).joined(separator: " ")
        case .precedence(let values): "precedence " + values.map(String.init).joined(separator: " ")
        case .not(let criterion): "not " + criterion.text
        }
    }
}

extension PolicyMap {
    var section: ConfigurationSection {
        let lines = classes.flatMap { policyClass in
            ["class \(policyClass.name)"] + PolicyMapStatements.classTable.lines(of: policyClass).indented
        }
        return ConfigurationSection("policy-map \(name)", lines.indented)
    }
}

extension RouteMap {
    /// Each entry is a block of its own.
    var sections: [ConfigurationSection] {
        entries.map { entry in
            ConfigurationSection(
                "route-map \(name) \(entry.permits ? "permit" : "deny") \(entry.sequence)",
                RouteMapStatements.table.lines(of: entry).indented)
        }
    }
}

extension BGPConfiguration {
    /// Peer groups come before the neighbors that are members of them.
    var section: ConfigurationSection {
        let groups = peerGroups.values.sorted { $0.name < $1.name }.map { group in
            (name: group.name, printed: PrintedPeer(settings: group.settings))
        }
        let all = neighbors.values.sorted { $0.name < $1.name }
        let peers = all.prefix { $0.name.vrf == nil }.map { peer in
            (name: peer.name.address.description, printed: PrintedPeer(settings: peer.settings, group: peer.peerGroup))
        }
        let inVRFs = Dictionary(grouping: all.dropFirst(peers.count)) { $0.name.vrf }
        func lines(of table: StatementTable<PeerDraft>, _ name: String, _ printed: PrintedPeer) -> [String] {
            table.lines(of: printed).map { "neighbor \(name) \($0)" }
        }
        var section = BGPStatements.table.lines(of: self)
        for group in groups {
            section.append("neighbor \(group.name) peer-group")
            section += lines(of: NeighborStatements.table, group.name, group.printed)
        }
        for peer in peers { section += lines(of: NeighborStatements.table, peer.name, peer.printed) }
        let tables =
            AddressFamily.allCases.map { ($0 == .ipv4 ? "vpnv4" : "vpnv6", NeighborStatements.vpnTable($0)) }
            + AddressFamily.allCases.map {
                ("\($0.keyword) labeled-unicast", NeighborStatements.labeledUnicastTable($0))
            } + [("rtfilter unicast", NeighborStatements.routeTargetTable)]
            + SessionFamily.allCases.filter(\.isSignalling).map {
                ($0.rawValue, NeighborStatements.signallingTable($0))
            }
        for (words, table) in tables {
            let familyLines = (groups + peers).flatMap { lines(of: table, $0.name, $0.printed) }
            if !familyLines.isEmpty { section += ["address-family \(words)"] + familyLines.indented }
        }
        for (key, redistribution) in vrfFamilies.sorted(by: { $0.key < $1.key }) {
            section.append("address-family \(key.family.keyword) vrf \(key.vrf)")
            section += BGPStatements.vrfTable(key.family).lines(of: redistribution).indented
            for neighbor in inVRFs[key.vrf] ?? [] {
                let table = NeighborStatements.vrfTable(key.family)
                section += lines(of: table, "\(neighbor.name.address)", neighbor.printed(in: key.family)).indented
            }
        }
        return ConfigurationSection("router bgp \(autonomousSystem)", section.indented)
    }
}

extension BGPNeighbor {
    /// What is printed of a neighbor in a VRF in one of the VRF's two families. What holds for the whole session stands
    /// in the family of its address, or in the other one if that is the only one that is active.
    fileprivate func printed(in family: AddressFamily) -> PrintedPeer {
        let own = settings.families[SessionFamily(unicast: name.address.family)]
        guard (family == name.address.family) == (own?.isActivated == true) else {
            var rest = BGPPeerSettings()
            rest.families = settings.families
            return PrintedPeer(settings: rest)
        }
        return PrintedPeer(settings: settings, group: peerGroup)
    }
}

extension DefaultTableRoute {
    var line: String { "\(prefix.family.prefixWord) route \(prefix) \(nextHop)" }
}

extension StaticBinding {
    var line: String {
        let target =
            switch label {
            case .implicitNull: "implicit-null"
            case .explicitNull: "explicit-null"
            case .label(let label): "\(label)"
            }
        return "mpls static binding \(prefix.family.keyword) \(prefix) output \(nextHop) label \(target)"
    }
}

extension MultipointLabel {
    var lines: [String] {
        let inner = innerLabels == 0 ? "" : " inner-labels \(innerLabels)"
        return branches.map {
            "mpls static multipoint label \(label) from \(source)\(inner) to \($0.address) label \($0.label)"
        }
    }
}

extension UDPTransport {
    var line: String {
        "transport udp \(prefix)" + (omitsChecksum ? " zero-checksum" : "")
            + (isByCommunity ? " by-community" : "")
    }
}

extension StaticRoute {
    var line: String {
        let target =
            switch nextHop {
            case .discard: "Null0"
            case .address(let address): address.description
            case .onLink(let interface, let address): "\(interface) \(address)"
            }
        return "\(prefix.family.prefixWord) route vrf \(vrf) \(prefix) \(target)"
            + (distance == 1 ? "" : " \(distance)")
    }
}

extension [String] {
    /// The lines one level deeper.
    var indented: [String] { map { " " + $0 } }
}

extension AddressFamily {
    /// As it stands behind `address-family`.
    var keyword: String { self == .ipv4 ? "ipv4" : "ipv6" }

    /// As statements about a family begin.
    var prefixWord: String { self == .ipv4 ? "ip" : "ipv6" }
}
