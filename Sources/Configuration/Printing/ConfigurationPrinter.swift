import Addressing

/// A statement at the top level with the lines of its block: the unit in which configurations are printed and compared.
struct ConfigurationSection: Equatable {
    let header: String
    /// Indented by one space for each level.
    var lines: [String] = []

    init(_ header: String, _ lines: [String] = []) {
        self.header = header
        self.lines = lines
    }
}

extension Configuration {
    /// The one text that stands for this configuration: reading it gives an equal configuration, and all texts with the
    /// same meaning print alike.
    public var canonicalText: String {
        var text = ""
        var isBehindBlock = false
        for section in sections {
            let isBlock = !section.lines.isEmpty
            if !text.isEmpty, isBlock || isBehindBlock { text += "!\n" }
            text += section.header + "\n"
            for line in section.lines { text += line + "\n" }
            isBehindBlock = isBlock
        }
        return text
    }

    /// What is defined comes before what refers to it.
    var sections: [ConfigurationSection] {
        boxSections + ports.values.sorted { $0.name < $1.name }.map(\.section)
            + flowExporters.values.sorted { $0.name < $1.name }.map(\.section)
            + flowMonitors.values.sorted { $0.name < $1.name }.map(\.section)
            + AddressFamily.allCases.flatMap { family in
                (prefixLists[family] ?? [:]).values.sorted { $0.name < $1.name }.flatMap(\.sections)
            }
            + vrfsInOrder.map(\.section)
            + objectGroups.values.sorted { $0.name < $1.name }.map(\.section)
            + ipv4AccessLists.values.sorted { $0.name < $1.name }.map(\.section)
            + ipv6AccessLists.values.sorted { $0.name < $1.name }.map(\.section)
            + classMaps.values.sorted { $0.name < $1.name }.map(\.section)
            + tableMaps.values.sorted { $0.name < $1.name }.map(\.section)
            + policyMaps.values.sorted { $0.name < $1.name }.map(\.section)
            + routeMaps.values.sorted { $0.name < $1.name }.flatMap(\.sections) + interfaceSections
            + (bgp.map { [$0.section] } ?? []) + staticRoutes.map { ConfigurationSection($0.line) }
    }

    private var boxSections: [ConfigurationSection] {
        var sections = hostname.map { [ConfigurationSection("hostname \($0)")] } ?? []
        if dataplane != DataplaneSettings() { sections.append(dataplane.section) }
        if mpls.labelRange != MPLSSettings.everyLabel {
            sections.append(
                ConfigurationSection("mpls label range \(mpls.labelRange.lowerBound) \(mpls.labelRange.upperBound)"))
        }
        if mpls.labelQuarantineSeconds != MPLSSettings.defaultLabelQuarantineSeconds {
            sections.append(ConfigurationSection("mpls label quarantine \(mpls.labelQuarantineSeconds)"))
        }
        if mpls.labelWithdrawalSeconds != MPLSSettings.defaultLabelWithdrawalSeconds {
            sections.append(ConfigurationSection("mpls label withdrawal-delay \(mpls.labelWithdrawalSeconds)"))
        }
        if !mpls.propagatesTTL { sections.append(ConfigurationSection("no mpls ip propagate-ttl")) }
        for (family, threshold) in accessListLogThresholds.sorted(by: { $0.key < $1.key }) {
            sections.append(
                ConfigurationSection(
                    "\(family == .ipv4 ? "ip" : "ipv6") access-list log-update threshold \(threshold)"))
        }
        return sections
    }

    private var interfaceSections: [ConfigurationSection] {
        var nniCounts: [PortName: Int] = [:]
        for interface in interfaces.values {
            if case .nni = interface.kind { nniCounts[interface.name.port, default: 0] += 1 }
        }
        return interfacesInOrder.map { $0.section(saysBinding: (nniCounts[$0.name.port] ?? 0) != 1) }
    }
}

/// Text behind a keyword that takes the rest of the line, in quotes where it would not be read back as it is.
func printed(freeText text: String) -> String {
    let isPlain =
        !text.isEmpty && text.first != " " && text.last != " "
        && !text.utf8.contains { $0 == 0x09 || $0 == 0x21 || $0 == 0x22 }
    return isPlain ? text : quoted(text)
}

/// One word, in quotes where it would not be read back as one.
func printed(word text: String) -> String {
    let isPlain = !text.isEmpty && !text.utf8.contains { $0 == 0x20 || $0 == 0x09 || $0 == 0x21 || $0 == 0x22 }
    return isPlain ? text : quoted(text)
}

private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" { result += "\\" }
        result.unicodeScalars.append(scalar)
    }
    return result + "\""
}
