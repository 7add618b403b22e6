import Addressing

extension ConfigurationChecker {
    /// Sequence numbers are unique; a list without rules is odd.
    mutating func checkAccessLists() {
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
        let hasRule = list.entries.contains { if case .rule = $0.content { true } else { false } }
        if !hasRule, !self.draft.damaged.contains(.accessList(draft.family, draft.kind, name)) {
            report(
                .emptyAccessList, "access list '\(name)' has no rule and denies everything", at: draft.declared,
                hint: "what no entry permits is denied")
        }
        return list
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
