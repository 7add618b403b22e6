extension ExplanationResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [.name("STAGE"), .name("DECISION"), .name("ENTRY"), .name("CONFIGURATION")],
            emptyText: "no stage was reached")
        for step in steps {
            table.append([
                TextTable.Cell(step.stage), TextTable.Cell(step.decision), TextTable.Cell(step.entry),
                TextTable.Cell(step.configurationLine),
            ])
        }
        return table
    }

    /// The stages, then what becomes of the packet.
    public func text(_ style: TextStyle) -> String {
        var text = table().text(style) + "\n" + style.show(verdict.rawValue, as: verdict.emphasis)
        if let reason { text += ": \(reason)" }
        if let dropClass { text += " (\(dropClass.rawValue))" }
        if let help { text += ", \(help)" }
        if let egressInterface { text += " by \(egressInterface)" }
        if let egressPort, egressPort != egressInterface { text += " on port \(egressPort)" }
        if let egressLabel { text += " with label \(egressLabel)" }
        if let vrf { text += ", vrf \(vrf)" }
        text += "\n"
        if let icmpError { text += "the source gets ICMP \(icmpError)\n" }
        return text
    }
}

extension ExplanationResult.Verdict {
    fileprivate var emphasis: Emphasis {
        switch self {
        case .forwarded: .good
        case .punted: .warning
        case .dropped: .bad
        }
    }
}
