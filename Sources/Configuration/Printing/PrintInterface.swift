import Addressing

extension Interface {
    /// - Parameter saysBinding: Whether a unit must say which NNI it is bound to, because the port has several.
    func section(saysBinding: Bool) -> ConfigurationSection {
        var lines: [String] = []
        if let description { lines.append(" description \(printed(freeText: description))") }
        switch kind {
        case .carrier: break
        case .nni(let nni):
            lines += nni.encapsulation.lines + [" encap mpls optE"]
            if nni.checksSourceMAC { lines.append(" optE source-mac") }
        case .attachmentCircuit(let circuit):
            lines += circuit.encapsulation.lines + [" vrf definition \(circuit.vrf)"]
        case .unit(let unit):
            if saysBinding { lines.append(" optE bind \(unit.nni)") }
            lines.append(" vrf definition \(unit.vrf)")
        }
        var hasPrimary = false
        for address in addresses {
            switch address.address.family {
            case .ipv4:
                lines.append(" ip address \(address)" + (hasPrimary ? " secondary" : ""))
                hasPrimary = true
            case .ipv6: lines.append(" ipv6 address \(address)")
            }
        }
        if let mtuOctets { lines.append(" mtu \(mtuOctets)") }
        lines += accessGroups.lines
        if let ipv4SourceCheck { lines.append(" ip verify unicast source \(ipv4SourceCheck.text)") }
        if let ipv6SourceCheck { lines.append(" ipv6 verify unicast source \(ipv6SourceCheck.text)") }
        for place in AttachmentPlace.allCases {
            guard let map = routeMaps[place] else { continue }
            let suffix = place.direction == .output ? " out" : ""
            lines.append(" \(place.family.prefixWord) policy route-map \(map)\(suffix)")
        }
        if let diffServMode { lines.append(" mpls diffserv-mode \(diffServMode.rawValue)") }
        if let inputPolicy { lines.append(" service-policy input \(inputPolicy)") }
        if let outputPolicy { lines.append(" service-policy output \(outputPolicy)") }
        if isShutdown { lines.append(" shutdown") }
        return ConfigurationSection("interface \(name)", lines)
    }
}

extension VLANEncapsulation {
    fileprivate var lines: [String] {
        switch self {
        case .untagged: []
        case .dot1q(let vlan): [" encapsulation dot1q \(vlan)"]
        case .qinq(let outer, let inner): [" encapsulation dot1q \(outer) second-dot1q \(inner)"]
        }
    }
}

extension SourceCheck {
    fileprivate var text: String { "reachable-via \(mode.rawValue)" + (allowsDefault ? " allow-default" : "") }
}

extension AccessGroups {
    fileprivate var lines: [String] {
        var lines: [String] = []
        if let ipv4Input { lines.append(" ip access-group \(ipv4Input) in") }
        if let ipv4Output { lines.append(" ip access-group \(ipv4Output) out") }
        if let ipv6Input { lines.append(" ipv6 traffic-filter \(ipv6Input) in") }
        if let ipv6Output { lines.append(" ipv6 traffic-filter \(ipv6Output) out") }
        return lines
    }
}
