import Addressing

extension DataplaneSettings {
    var section: ConfigurationSection {
        var lines: [String] = []
        if let workers { lines.append(" workers \(workers)") }
        if !cores.isEmpty { lines.append(" cores \(coreRanges)") }
        if polling != .adaptive { lines.append(" polling \(polling.rawValue)") }
        if let packetMemoryMebibytes { lines.append(" memory packets \(packetMemoryMebibytes)") }
        if let tableMemoryMebibytes { lines.append(" memory tables \(tableMemoryMebibytes)") }
        return ConfigurationSection("dataplane", lines)
    }

    private var coreRanges: String {
        var ranges: [ClosedRange<UInt16>] = []
        for core in cores {
            if let last = ranges.last, last.upperBound + 1 == core {
                ranges[ranges.count - 1] = last.lowerBound...core
            } else {
                ranges.append(core...core)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}

extension Port {
    var section: ConfigurationSection {
        var lines: [String] = []
        switch device {
        case .pci(let address): lines.append(" pci \(address)")
        case .virtual(let arguments): lines.append(" device \(printed(word: arguments))")
        }
        if receiveQueues != 1 { lines.append(" rx-queues \(receiveQueues)") }
        if let mtuOctets { lines.append(" mtu \(mtuOctets)") }
        if let macAddress { lines.append(" mac-address \(macAddress)") }
        return ConfigurationSection("port \(name)", lines)
    }
}

extension VRF {
    var section: ConfigurationSection {
        var lines: [String] = []
        if let description { lines.append(" description \(printed(freeText: description))") }
        lines.append(" rd \(routeDistinguisher)")
        for target in importTargets.union(exportTargets).sorted() {
            let keyword =
                !exportTargets.contains(target) ? "import" : !importTargets.contains(target) ? "export" : "both"
            lines.append(" route-target \(keyword) \(target)")
        }
        switch optionE {
        case .byUnitOnly: break
        case .everyNeighbor: lines.append(" optE")
        case .neighbors(let addresses):
            lines.append(" optE " + addresses.sorted().map(\.description).joined(separator: " "))
        }
        if allowsTransit { lines.append(" optE transit") }
        if acceptsConnectedSubnets { lines.append(" optE accept-connected") }
        for (_, address) in loopbacks.sorted(by: { $0.key < $1.key }) { lines.append(" loopback \(address)") }
        if addressFamilies.count < AddressFamily.allCases.count {
            lines += addressFamilies.sorted().map { " address-family \($0.keyword)" }
        }
        if !propagatesTTL { lines.append(" no mpls ip propagate-ttl") }
        if let maximumRoutes { lines.append(" maximum routes \(maximumRoutes.statement)") }
        if let reservedMemoryMebibytes { lines.append(" memory reserve \(reservedMemoryMebibytes)") }
        if let flowMonitor { lines.append(" flow monitor \(flowMonitor)") }
        if !policyRouteSources.isEmpty {
            lines.append(" policy-route from " + policyRouteSources.sorted().joined(separator: " "))
        }
        lines += prefixLists.lines
        return ConfigurationSection("ip vrf \(name)", lines)
    }
}

extension StaticRoute {
    var line: String {
        let keyword = prefix.family == .ipv4 ? "ip" : "ipv6"
        let target =
            switch nextHop {
            case .discard: "Null0"
            case .address(let address): address.description
            case .onLink(let interface, let address): "\(interface) \(address)"
            }
        return "\(keyword) route vrf \(vrf) \(prefix) \(target)" + (distance == 1 ? "" : " \(distance)")
    }
}

extension AddressFamily {
    /// As it stands behind `address-family`.
    var keyword: String { self == .ipv4 ? "ipv4" : "ipv6" }
}
