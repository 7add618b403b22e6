import Addressing

extension AccessList {
    var section: ConfigurationSection {
        let header =
            family == .ipv4 ? "ip access-list \(kind.rawValue) \(name)" : "ipv6 access-list \(name)"
        return ConfigurationSection(
            header,
            entries.map { " \($0.sequence) \(canonicalText(of: $0))" })
    }

    /// An entry of the list as it is printed, without its sequence number.
    public func canonicalText(of entry: AccessListEntry) -> String {
        switch entry.content {
        case .remark(let text): "remark \(printed(freeText: text))"
        case .rule(let rule): kind == .standard ? rule.standardText : rule.extendedText(family: family)
        }
    }
}

extension ObjectGroup {
    var section: ConfigurationSection {
        ConfigurationSection("object-group \(members.keyword) \(name)", lines)
    }

    private var lines: [String] {
        switch members {
        case .networks(_, let networks):
            networks.map { network in
                Int(network.length) == network.family.bits ? " host \(network.address)" : " network \(network)"
            }
        case .ports(let ports): ports.map { " port \($0.text)" }
        }
    }
}

extension AccessListRule {
    private var action: String { permits ? "permit" : "deny" }

    fileprivate var standardText: String {
        "\(action) \(source.text)" + (logs ? " log" : "")
    }

    fileprivate func extendedText(family: AddressFamily) -> String {
        var words = [action]
        if let protocolNumber {
            words.append(PacketVocabulary.name(ofProtocol: protocolNumber, family) ?? "\(protocolNumber)")
        } else {
            words.append(family == .ipv4 ? "ip" : "ipv6")
        }
        words.append(source.text)
        if let sourcePorts { words.append(sourcePorts.text) }
        words.append(destination.text)
        if let destinationPorts { words.append(destinationPorts.text) }
        if let icmp {
            words.append(
                PacketVocabulary.name(ofICMP: icmp, family)
                    ?? "\(icmp.type)" + (icmp.code.map { " \($0)" } ?? ""))
        }
        switch tcpFlags {
        case nil: break
        case .established: words.append("established")
        case .anySet(let flags): words += flags.map(\.rawValue).sorted()
        }
        if let dscp { words.append("dscp \(PacketVocabulary.text(ofCodePoint: dscp))") }
        if matchesFragmentsOnly { words.append("fragments") }
        if logs { words.append("log") }
        return words.joined(separator: " ")
    }
}

extension AddressMatch {
    /// IPv4 networks with the wildcard that access lists are used to, IPv6 networks as prefixes.
    fileprivate var text: String {
        switch self {
        case .any: return "any"
        case .group(let name): return "object-group \(name)"
        case .wildcard(let address, let ignoredBits):
            return "\(address) \(IPv4Address(rawValue: ignoredBits))"
        case .prefix(let prefix):
            if Int(prefix.length) == prefix.family.bits { return "host \(prefix.address)" }
            guard prefix.family == .ipv4 else { return prefix.description }
            let ignoredBits: UInt32 = prefix.length == 0 ? .max : (1 << (32 - UInt32(prefix.length))) - 1
            return "\(prefix.address) \(IPv4Address(rawValue: ignoredBits))"
        }
    }
}

extension PortMatch {
    fileprivate var text: String {
        switch self {
        case .equalToAny(let ports): "eq " + ports.map(String.init).joined(separator: " ")
        case .notEqual(let port): "neq \(port)"
        case .below(let port): "lt \(port)"
        case .above(let port): "gt \(port)"
        case .range(let range): "range \(range.lowerBound) \(range.upperBound)"
        case .group(let name): "portgroup \(name)"
        }
    }
}
