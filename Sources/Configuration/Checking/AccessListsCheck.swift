import Addressing

/// Sequence numbers are unique; a list without rules is odd; groups are defined.
struct AccessListsCheck: ConfigurationCheck {
    private let objectGroups: [String: ObjectGroupDraft]
    private let lists: [AddressFamily: [String: AccessListDraft]]
    private let resequencings: [Resequencing]
    private let damaged: Set<Mode>
    private let references: References
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        objectGroups = text.draft.objectGroups
        lists = [.ipv4: text.draft.ipv4AccessLists, .ipv6: text.draft.ipv6AccessLists]
        resequencings = text.draft.resequencings
        damaged = text.draft.damaged
        references = References(text, report)
    }

    func check(_ configuration: inout Configuration) {
        for (name, group) in objectGroups {
            report.record(.objectGroup(name), at: group.declared)
            if group.members.isEmpty, !damaged.contains(.objectGroup(name)) {
                report(
                    .emptyObjectGroup, "object group '\(name)' has no members", at: group.declared,
                    hint: "an entry that names it matches nothing")
            }
            configuration.objectGroups[name] = ObjectGroup(name: name, members: group.members)
        }
        for order in resequencings { references.check(accessList: order.name, order.family) }
        for (name, list) in lists[.ipv4] ?? [:] { configuration.ipv4AccessLists[name] = check(list, name) }
        for (name, list) in lists[.ipv6] ?? [:] { configuration.ipv6AccessLists[name] = check(list, name) }
    }

    private func check(_ draft: AccessListDraft, _ name: String) -> AccessList {
        report.record(.accessList(draft.family, name), at: draft.declared)
        var list = AccessList(name: name, family: draft.family, kind: draft.kind)
        var lines: [UInt32: Int] = [:]
        for entry in draft.entries {
            let sequence = entry.value.sequence
            if let line = lines[sequence] {
                report(
                    .duplicateSequence, "line \(line) has the sequence number \(sequence) already", at: entry.range,
                    hint: "without a number the entry goes behind the highest one")
                continue
            }
            lines[sequence] = entry.range.line
            report.record(.accessListEntry(draft.family, name, sequence: sequence), at: entry.range)
            list.entries.append(entry.value)
        }
        list.entries.sort { $0.sequence < $1.sequence }
        for reference in draft.groups { check(reference) }
        if draft.entries.count > Self.mostEntries, let first = draft.entries.dropFirst(Self.mostEntries).first {
            report(
                .accessListTooLarge, "access list '\(name)' has \(draft.entries.count) entries", at: first.range,
                expected: ["at most \(Self.mostEntries) entries"])
        }
        var rules = 0
        for entry in draft.entries {
            guard case .rule(let rule) = entry.value.content else { continue }
            let own = expansion(of: rule)
            if own > Self.mostRulesPerEntry {
                report(
                    .accessListTooLarge, "with its object groups this entry stands for \(own) rules", at: entry.range,
                    expected: ["at most \(Self.mostRulesPerEntry) rules"],
                    hint: "join networks, or write several lists")
            }
            rules += own
        }
        if rules > Self.mostRules {
            report(
                .accessListTooLarge, "with its object groups access list '\(name)' stands for \(rules) rules",
                at: draft.declared, expected: ["at most \(Self.mostRules) rules"])
        }
        for order in resequencings where order.family == draft.family && order.name.value == name {
            resequence(&list, order)
        }
        let hasRule = list.entries.contains { if case .rule = $0.content { true } else { false } }
        if !hasRule, !damaged.contains(.accessList(draft.family, draft.kind, name)) {
            report(
                .emptyAccessList, "access list '\(name)' has no rule and denies everything", at: draft.declared,
                hint: "what no entry permits is denied")
        }
        return list
    }

    private static var mostEntries: Int { 16_384 }
    private static var mostRulesPerEntry: Int { 4_096 }
    private static var mostRules: Int { 65_536 }

    /// How many rules an entry becomes: a rule for each combination of networks and of ranges of ports, and where it
    /// permits by ports one for the fragments that have none; at most a hundred million.
    private func expansion(of rule: AccessListRule) -> Int {
        func count(_ match: AddressMatch) -> Int {
            guard case .group(let name) = match, case .networks(_, let networks)? = objectGroups[name]?.members
            else { return 1 }
            return networks.count
        }
        func count(_ match: PortMatch?) -> Int {
            switch match {
            case nil, .below, .above, .range: return 1
            case .equalToAny(let ports): return ports.count
            case .notEqual: return 2
            case .group(let name):
                guard case .ports(let ports)? = objectGroups[name]?.members else { return 1 }
                return ports.reduce(0) { $0 + count($1) }
            }
        }
        let pairs = [count(rule.source), count(rule.destination)]
        let ports = [count(rule.sourcePorts), count(rule.destinationPorts)].reduce(1) { $0 * min($1, 10_000) }
        let looksAtPorts = rule.sourcePorts != nil || rule.destinationPorts != nil
        return (pairs + [ports + (looksAtPorts && rule.permits ? 1 : 0)])
            .reduce(1) { min($0 * min($1, 10_000), 100_000_000) }
    }

    /// The group exists and holds what the entry needs.
    private func check(_ reference: GroupReference) {
        let kind: ObjectGroup.Members = reference.family.map { .networks($0, []) } ?? .ports([])
        guard let group = objectGroups[reference.name.value] else {
            report.undefined(
                .undefinedObjectGroup, "object group", reference.name.value, at: reference.name.range,
                defined: objectGroups.keys,
                definition: "object-group \(kind.keyword) \(reference.name.value)")
            return
        }
        guard group.members.kind != kind.kind else { return }
        report(
            .wrongObjectGroup, "'\(reference.name.value)' is an 'object-group \(group.members.keyword)'",
            at: reference.name.range, expected: ["an 'object-group \(kind.keyword)'"])
    }

    /// Gives the entries new numbers in their order. Where each stands in the text is kept under its new number.
    private func resequence(_ list: inout AccessList, _ order: Resequencing) {
        let steps = UInt64(max(list.entries.count, 1) - 1)
        guard UInt64(order.start) + steps * UInt64(order.step) <= UInt64(UInt32.max) else {
            report(
                .invalidValue, "the numbers of access list '\(list.name)' would go beyond \(UInt32.max)",
                at: order.name.range, hint: "take a smaller step")
            return
        }
        let old = list.entries.map(\.sequence)
        for index in list.entries.indices { list.entries[index].sequence = order.start + UInt32(index) * order.step }
        let object = { [list] in ConfigurationObject.accessListEntry(list.family, list.name, sequence: $0) }
        report.rename(zip(old, list.entries.map(\.sequence)).map { (old: object($0), new: object($1)) })
    }

}

extension ObjectGroup.Members {
    /// What a group is of, apart from its members.
    enum Kind: Equatable {
        case networks(AddressFamily)
        case ports
    }

    var kind: Kind {
        switch self {
        case .networks(let family, _): .networks(family)
        case .ports: .ports
        }
    }

    /// What stands behind `object-group`.
    var keyword: String {
        switch self {
        case .networks(.ipv4, _): "network"
        case .networks(.ipv6, _): "v6-network"
        case .ports: "port"
        }
    }

    var isEmpty: Bool {
        switch self {
        case .networks(_, let networks): networks.isEmpty
        case .ports(let ports): ports.isEmpty
        }
    }
}

extension PortMatch {
    /// The name of the object group, if it is one.
    var group: String? {
        if case .group(let name) = self { name } else { nil }
    }
}
