extension ClassMap {
    var section: ConfigurationSection {
        ConfigurationSection(
            "class-map \(requiresAll ? "match-all" : "match-any") \(name)",
            criteria.map { " match \($0.text)" })
    }
}

extension ClassCriterion {
    fileprivate var text: String {
        switch self {
        case .any: "any"
        case .accessGroup(let list): "access-group name \(list)"
        case .dscp(let values): "dscp " + values.map(codePointText).joined(separator: " ")
        case .mplsTrafficClass(let values):
            "mpls experimental topmost " + values.map(String.init).joined(separator: " ")
        case .precedence(let values): "precedence " + values.map(String.init).joined(separator: " ")
        case .not(let criterion): "not " + criterion.text
        }
    }
}

extension TableMap {
    var section: ConfigurationSection {
        var lines = entries.sorted { $0.key < $1.key }.map { " map from \($0.key) to \($0.value)" }
        switch otherwise {
        case .copy: lines.append(" default copy")
        case .ignore: lines.append(" default ignore")
        case .value(let value): lines.append(" default \(value)")
        }
        return ConfigurationSection("table-map \(name)", lines)
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
        if let dscpTable { lines.append("  set dscp mpls experimental table \(dscpTable)") }
        if let trafficClassTable {
            lines.append("  set mpls experimental imposition dscp table \(trafficClassTable)")
        }
        return lines
    }
}

extension Policer {
    fileprivate var text: String {
        var text = "police cir \(committedRateBitsPerSecond) bc \(committedBurstOctets)"
        if let peakRateBitsPerSecond { text += " pir \(peakRateBitsPerSecond)" }
        if let excessBurstOctets { text += " be \(excessBurstOctets)" }
        if accountOctets != 0 { text += " account \(accountOctets)" }
        if let conformColour { text += " conform-color \(conformColour)" }
        if let exceedColour { text += " exceed-color \(exceedColour)" }
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
