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
        for section in sections() {
            let isBlock = !section.lines.isEmpty
            if !text.isEmpty, isBlock || isBehindBlock { text += "!\n" }
            text += section.header + "\n"
            for line in section.lines { text += line + "\n" }
            isBehindBlock = isBlock
        }
        return text
    }

    /// What is defined comes before what refers to it.
    ///
    /// - Parameter other: `nil` for everything; otherwise what is the same there is left out as far as that can be seen
    ///   without printing it.
    func sections(unlike other: Configuration? = nil) -> [ConfigurationSection] {
        func named<Value: Equatable>(_ values: KeyPath<Configuration, [String: Value]>) -> [Value] {
            let others = other?[keyPath: values]
            return self[keyPath: values].filter { others?[$0.key] != $0.value }.sorted { $0.key < $1.key }.map(\.value)
        }
        let otherPorts = other?.ports
        return boxSections
            + ports.filter { otherPorts?[$0.key] != $0.value }.values.sorted { $0.name < $1.name }.map(\.section)
            + named(\.flowExporters).map(\.section) + named(\.flowMonitors).map(\.section)
            + AddressFamily.allCases.flatMap { family in
                (prefixLists[family] ?? [:]).values.sorted { $0.name < $1.name }.flatMap(\.sections)
            }
            + routePolicyListSections + named(\.labelSpaces).map(\.section) + named(\.vrfs).map(\.section)
            + named(\.objectGroups).map(\.section)
            + named(\.ipv4AccessLists).map(\.section) + named(\.ipv6AccessLists).map(\.section)
            + named(\.classMaps).map(\.section) + named(\.tableMaps).map(\.section)
            + named(\.policyMaps).map(\.section) + named(\.routeMaps).flatMap(\.sections)
            + interfaceSections(unlike: other)
            + (loopback.flatMap { $0 == other?.loopback ? nil : [$0.section] } ?? [])
            + (bgp.flatMap { $0 == other?.bgp ? nil : [$0.section] } ?? [])
            + (staticRoutes == other?.staticRoutes ? [] : staticRoutes.map { ConfigurationSection($0.line) })
            + (defaultTableRoutes == other?.defaultTableRoutes
                ? [] : defaultTableRoutes.map { ConfigurationSection($0.line) })
            + (staticBindings == other?.staticBindings ? [] : staticBindings.map { ConfigurationSection($0.line) })
            + (multipointLabels == other?.multipointLabels
                ? [] : multipointLabels.flatMap(\.lines).map { ConfigurationSection($0) })
            + (udpTransports == other?.udpTransports ? [] : udpTransports.map { ConfigurationSection($0.line) })
    }

    private var boxSections: [ConfigurationSection] {
        func lines(_ ranks: Range<Int>) -> [ConfigurationSection] {
            GlobalStatements.table.lines(of: self, ranks: ranks).map { ConfigurationSection($0) }
        }
        return lines(0..<1) + (dataplane == DataplaneSettings() ? [] : [dataplane.section]) + lines(1..<10)
    }

    private func interfaceSections(unlike other: Configuration?) -> [ConfigurationSection] {
        let counts = linkCounts
        let otherCounts = other?.linkCounts
        let others = other?.interfaces
        return interfacesInOrder.compactMap { interface in
            let port = interface.name.port
            if let otherCounts, otherCounts[port] == counts[port], others?[interface.name] == interface { return nil }
            return interface.section(saysBinding: (counts[port] ?? 0) != 1)
        }
    }

    /// How many NNIs and core interfaces each port has, which a unit can be on.
    private var linkCounts: [PortName: Int] {
        var counts: [PortName: Int] = [:]
        for interface in interfaces.values {
            switch interface.kind {
            case .nni, .core: counts[interface.name.port, default: 0] += 1
            case .unit, .coreUnit, .attachmentCircuit, .carrier: continue
            }
        }
        return counts
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
