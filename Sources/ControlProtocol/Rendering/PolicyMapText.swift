extension PolicyMapResult {
    /// For each attached policy a line that says where, and a table of its classes.
    public func text(_ style: TextStyle) -> String {
        guard !policies.isEmpty else { return "no policies are attached\n" }
        return policies.map { $0.text(style) }.joined(separator: "\n")
    }
}

extension AttachedPolicyStatus {
    fileprivate func text(_ style: TextStyle) -> String {
        let title = "\(unit ?? interface) \(direction.rawValue): policy map \(policyMap)"
        let text = style.show(title.withoutControlCharacters, as: .heading) + "\n"
        var table = TextTable(
            [
                .name("CLASS"), .name("COLOUR"), .number("PACKETS"), .number("BYTES"), .name("ACTION"),
                .name("POLICER"),
            ], emptyText: "no classes")
        for policyClass in classes {
            for (index, row) in policyClass.rows.enumerated() {
                table.append([
                    index == 0 ? TextTable.Cell(policyClass.name) : "", TextTable.Cell(row.colour),
                    TextTable.Cell(row.count.packets), TextTable.Cell(row.count.bytes), TextTable.Cell(row.action),
                    index == 0 ? TextTable.Cell(policyClass.policer?.rates) : "",
                ])
            }
        }
        return text + table.text(style)
    }
}

extension PolicyClassStatus {
    /// The colours that the class has: one without a policer, two without an excess burst.
    fileprivate var rows: [(colour: String, count: TrafficCount, action: String?)] {
        guard let policer else { return [("-", green, nil)] }
        let yellow = ("yellow", self.yellow, policer.exceedAction as String?)
        let red = ("red", self.red, policer.violateAction ?? policer.exceedAction)
        let green = ("green", self.green, policer.conformAction as String?)
        let hasYellow = policer.excessBurstBytes != nil || self.yellow.packets > 0
        return hasYellow ? [green, yellow, red] : [green, red]
    }
}

extension PolicerStatus {
    fileprivate var rates: String {
        var text = "\(committedRateBitsPerSecond) bit/s, burst \(committedBurstBytes) bytes"
        if let peakRateBitsPerSecond { text += ", peak \(peakRateBitsPerSecond) bit/s" }
        if let excessBurstBytes { text += ", excess burst \(excessBurstBytes) bytes" }
        if accountBytes != 0 { text += ", account \(accountBytes > 0 ? "+" : "")\(accountBytes) bytes" }
        if let conformColour { text += ", green by class map \(conformColour)" }
        if let exceedColour { text += ", yellow by class map \(exceedColour)" }
        return text
    }
}
