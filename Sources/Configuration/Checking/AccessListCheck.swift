import Addressing

extension ConfigurationChecker {
    /// Sequence numbers are unique; a list without rules is odd; groups are defined.
    mutating func checkAccessLists() {
        for (name, group) in draft.objectGroups {
            record(.objectGroup(name), at: group.declared)
            if group.members.isEmpty, !draft.damaged.contains(.objectGroup(name)) {
                report(
                    .emptyObjectGroup, "object group '\(name)' has no members", at: group.declared,
                    hint: "an entry that names it matches nothing")
            }
            configuration.objectGroups[name] = ObjectGroup(name: name, members: group.members)
        }
        for order in draft.resequencings { checkReference(toAccessList: order.name, order.family) }
        for (name, list) in draft.ipv4AccessLists { configuration.ipv4AccessLists[name] = check(list, name) }
        for (name, list) in draft.ipv6AccessLists { configuration.ipv6AccessLists[name] = check(list, name) }
    }

    private mutating func check(_ draft: AccessListDraft, _ name: String) -> AccessList {
        record(.accessList(draft.family, name), at: draft.declared)
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
            record(.accessListEntry(draft.family, name, sequence: sequence), at: entry.range)
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
        for order in self.draft.resequencings where order.family == draft.family && order.name.value == name {
            resequence(&list, order)
        }
        let hasRule = list.entries.contains { if case .rule = $0.content { true } else { false } }
        if !hasRule, !self.draft.damaged.contains(.accessList(draft.family, draft.kind, name)) {
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
            guard case .group(let name) = match, case .networks(_, let networks)? = draft.objectGroups[name]?.members
            else { return 1 }
            return networks.count
        }
        func count(_ match: PortMatch?) -> Int {
            switch match {
            case nil, .below, .above, .range: return 1
            case .equalToAny(let ports): return ports.count
            case .notEqual: return 2
            case .group(let name):
                guard case .ports(let ports)? = draft.objectGroups[name]?.members else { return 1 }
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
    private mutating func check(_ reference: GroupReference) {
        let kind: ObjectGroup.Members = reference.family.map { .networks($0, []) } ?? .ports([])
        guard let group = draft.objectGroups[reference.name.value] else {
            reportUndefined(
                .undefinedObjectGroup, "object group", reference.name.value, at: reference.name.range,
                defined: draft.objectGroups.keys,
                definition: "object-group \(kind.keyword) \(reference.name.value)")
            return
        }
        guard group.members.kind != kind.kind else { return }
        report(
            .wrongObjectGroup, "'\(reference.name.value)' is an 'object-group \(group.members.keyword)'",
            at: reference.name.range, expected: ["an 'object-group \(kind.keyword)'"])
    }

    /// Gives the entries new numbers in their order. Where each stands in the text is kept under its new number.
    private mutating func resequence(_ list: inout AccessList, _ order: Resequencing) {
        let steps = UInt64(max(list.entries.count, 1) - 1)
        guard UInt64(order.start) + steps * UInt64(order.step) <= UInt64(UInt32.max) else {
            report(
                .invalidValue, "the numbers of access list '\(list.name)' would go beyond \(UInt32.max)",
                at: order.name.range, hint: "take a smaller step")
            return
        }
        let places = list.entries.map { sources[.accessListEntry(list.family, list.name, sequence: $0.sequence)] }
        for entry in list.entries {
            sources[.accessListEntry(list.family, list.name, sequence: entry.sequence)] = nil
        }
        for (index, place) in places.enumerated() {
            list.entries[index].sequence = order.start + UInt32(index) * order.step
            sources[.accessListEntry(list.family, list.name, sequence: list.entries[index].sequence)] = place
        }
    }

    /// The access list that an interface names exists in the right family.
    mutating func checkReference(toAccessList name: Located<String>, _ family: AddressFamily) {
        let own = family == .ipv4 ? draft.ipv4AccessLists : draft.ipv6AccessLists
        let other = family == .ipv4 ? draft.ipv6AccessLists : draft.ipv4AccessLists
        guard own[name.value] == nil else { return }
        if other[name.value] != nil {
            report(
                .wrongAccessListFamily, "'\(name.value)' is an \(family == .ipv4 ? "IPv6" : "IPv4") access list",
                at: name.range,
                hint: family == .ipv4
                    ? "an IPv6 list is attached with 'ipv6 traffic-filter \(name.value) in'"
                    : "an IPv4 list is attached with 'ip access-group \(name.value) in'")
            return
        }
        reportUndefined(
            .undefinedAccessList, family == .ipv4 ? "access list" : "IPv6 access list", name.value, at: name.range,
            defined: own.keys,
            definition: family == .ipv4
                ? "ip access-list extended \(name.value)" : "ipv6 access-list \(name.value)")
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
