extension ClassMap {
    var section: ConfigurationSection {
        ConfigurationSection(
            "class-map \(requiresAll ? "match-all" : "match-any") \(name)",
            criteria.map { criterion in
                switch criterion {
                case .any: " match any"
                case .accessGroup(let list): " match access-group name \(list)"
                case .dscp(let values): " match dscp " + values.map(codePointText).joined(separator: " ")
                case .mplsTrafficClass(let values):
                    " match mpls experimental topmost " + values.map(String.init).joined(separator: " ")
                }
            })
    }
}

extension PolicyMap {
    var section: ConfigurationSection {
        ConfigurationSection("policy-map \(name)", classes.flatMap(\.lines))
    }
}

extension PolicyClass {
    fileprivate var lines: [String] {
        var lines = [" class \(name)"]
        if let policer { lines.append("  \(policer.text)") }
        if let markedDSCP { lines.append("  set dscp \(codePointText(markedDSCP))") }
        if let markedTrafficClass { lines.append("  set mpls experimental imposition \(markedTrafficClass)") }
        return lines
    }
}

extension Policer {
    fileprivate var text: String {
        var text = "police cir \(committedRateBitsPerSecond) bc \(committedBurstOctets)"
        if let peakRateBitsPerSecond { text += " pir \(peakRateBitsPerSecond)" }
        if let excessBurstOctets { text += " be \(excessBurstOctets)" }
        text += " conform-action \(conformAction.text) exceed-action \(exceedAction.text)"
        if let violateAction { text += " violate-action \(violateAction.text)" }
        return text
    }
}

extension PolicerAction {
    fileprivate var text: String {
        switch self {
        case .transmit: "transmit"
        case .drop: "drop"
        case .setDSCP(let value): "set-dscp-transmit \(codePointText(value))"
        case .setTrafficClass(let value): "set-mpls-experimental-imposition-transmit \(value)"
        }
    }
}

private func codePointText(_ value: UInt8) -> String {
    PacketVocabulary.name(ofCodePoint: value) ?? "\(value)"
}
