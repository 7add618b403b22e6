import Addressing

/// Class maps say something and name existing access lists; policy maps name existing class maps.
struct PolicyCheck: ConfigurationCheck {
    private let classMaps: [String: ClassMapDraft]
    private let tableMaps: [String: TableMapDraft]
    private let policyMaps: [String: PolicyMapDraft]
    private let lists: [AddressFamily: [String: AccessListDraft]]
    private let damaged: Set<Mode>
    private let references: References
    private let effects: ServiceEffects
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        classMaps = text.draft.classMaps
        tableMaps = text.draft.tableMaps
        policyMaps = text.draft.policyMaps
        lists = [.ipv4: text.draft.ipv4AccessLists, .ipv6: text.draft.ipv6AccessLists]
        damaged = text.draft.damaged
        references = References(text, report)
        effects = ServiceEffects(text, report)
    }

    func check(_ configuration: inout Configuration) {
        for (name, map) in classMaps {
            report.record(.classMap(name), at: map.declared)
            if map.criteria.isEmpty, !damaged.contains(.classMap(name)) {
                report(
                    .emptyClassMap, "class map '\(name)' matches nothing", at: map.declared,
                    hint: "add 'match any', 'match access-group name NAME' or 'match dscp ef'")
            }
            for criterion in map.criteria {
                guard case .accessGroup(let list) = criterion.value.positive else { continue }
                let named = [lists[.ipv4]?[list], lists[.ipv6]?[list]].compactMap { $0 }
                if named.isEmpty {
                    references.check(accessList: Located(value: list, range: criterion.range), .ipv4)
                } else {
                    effects.warnOfLog(in: named, Located(value: list, range: criterion.range))
                }
            }
            configuration.classMaps[name] = ClassMap(
                name: name, requiresAll: map.requiresAll, criteria: map.criteria.map(\.value))
        }
        for (name, map) in tableMaps {
            report.record(.tableMap(name), at: map.declared)
            var result = TableMap(name: name)
            result.entries = map.entries.mapValues(\.value)
            result.otherwise = map.otherwise?.value ?? .copy
            configuration.tableMaps[name] = result
        }
        for (name, map) in policyMaps {
            report.record(.policyMap(name), at: map.declared)
            configuration.policyMaps[name] = check(map)
        }
    }

    private func check(_ map: PolicyMapDraft) -> PolicyMap {
        var result = PolicyMap(name: map.name)
        for (position, name) in map.classOrder.enumerated() {
            report.record(.policyClass(policyMap: map.name, className: name.value), at: name.range)
            if name.value == PolicyClass.defaultName {
                if position < map.classOrder.count - 1 {
                    report(
                        .unreachableClass, "\(PolicyClass.defaultName) takes all packets: no class behind it gets any",
                        at: name.range, hint: "put it last")
                }
            } else if classMaps[name.value] == nil {
                report.undefined(
                    .undefinedClassMap, "class map", name.value, at: name.range, defined: classMaps.keys,
                    definition: "class-map match-all \(name.value)")
            }
            var policyClass = PolicyClass(name: name.value)
            policyClass.policer = map.classes[name.value]?.policer?.value
            policyClass.markedDSCP = map.classes[name.value]?.markedDSCP?.value
            policyClass.markedTrafficClass = map.classes[name.value]?.markedTrafficClass?.value
            if let draft = map.classes[name.value] { check(draft, &policyClass) }
            result.classes.append(policyClass)
        }
        return result
    }

    /// Tables and colours are defined; what a table gives for a label fits into it.
    private func check(_ class: PolicyClassDraft, _ result: inout PolicyClass) {
        if let table = `class`.dscpTable {
            checkReference(toTableMap: table, largest: 63)
            result.dscpTable = table.value
        }
        if let table = `class`.trafficClassTable {
            checkReference(toTableMap: table, largest: 7)
            result.trafficClassTable = table.value
        }
        if let policer = `class`.policer {
            for name in [policer.value.conformColour, policer.value.exceedColour].compactMap({ $0 })
            where classMaps[name] == nil {
                report.undefined(
                    .undefinedClassMap, "class map", name, at: policer.range, defined: classMaps.keys,
                    definition: "class-map match-all \(name)")
            }
        }
    }

    private func checkReference(toTableMap name: Located<String>, largest: UInt8) {
        guard let map = tableMaps[name.value] else {
            report.undefined(
                .undefinedTableMap, "table map", name.value, at: name.range, defined: tableMaps.keys,
                definition: "table-map \(name.value)")
            return
        }
        var values = map.entries.values.map { $0 }
        if case .value(let value)? = map.otherwise?.value, let range = map.otherwise?.range {
            values.append(Located(value: value, range: range))
        }
        guard let value = values.filter({ $0.value > largest }).min(by: { $0.range.line < $1.range.line }) else {
            return
        }
        report(
            .invalidValue, "table map '\(name.value)' gives \(value.value), which is no traffic class", at: name.range,
            expected: ["a table map with values of 0 to \(largest)"],
            hint: "the value is on line \(value.range.line)")
    }

}

extension ClassCriterion {
    /// What is asked, with or without `not` in front of it.
    var positive: ClassCriterion {
        if case .not(let criterion) = self { criterion.positive } else { self }
    }
}
