import Addressing

extension ConfigurationChecker {
    /// Class maps say something and name existing access lists; policy maps name existing class maps.
    mutating func checkPolicies() {
        for (name, map) in draft.classMaps {
            record(.classMap(name), at: map.declared)
            if map.criteria.isEmpty, !draft.damaged.contains(.classMap(name)) {
                report(
                    .emptyClassMap, "class map '\(name)' matches nothing", at: map.declared,
                    hint: "add 'match any', 'match access-group name NAME' or 'match dscp ef'")
            }
            for criterion in map.criteria {
                guard case .accessGroup(let list) = criterion.value, draft.ipv4AccessLists[list] == nil,
                    draft.ipv6AccessLists[list] == nil
                else { continue }
                checkReference(toAccessList: Located(value: list, range: criterion.range), .ipv4)
            }
            configuration.classMaps[name] = ClassMap(
                name: name, requiresAll: map.requiresAll, criteria: map.criteria.map(\.value))
        }
        for (name, map) in draft.policyMaps {
            record(.policyMap(name), at: map.declared)
            configuration.policyMaps[name] = check(map)
        }
    }

    private mutating func check(_ map: PolicyMapDraft) -> PolicyMap {
        var result = PolicyMap(name: map.name)
        for (position, name) in map.classOrder.enumerated() {
            record(.policyClass(policyMap: map.name, className: name.value), at: name.range)
            if name.value == PolicyClass.defaultName {
                if position < map.classOrder.count - 1 {
                    report(
                        .unreachableClass, "\(PolicyClass.defaultName) takes all packets: no class behind it gets any",
                        at: name.range, hint: "put it last")
                }
            } else if draft.classMaps[name.value] == nil {
                reportUndefined(
                    .undefinedClassMap, "class map", name.value, at: name.range, defined: draft.classMaps.keys,
                    definition: "class-map match-all \(name.value)")
            }
            var policyClass = PolicyClass(name: name.value)
            policyClass.policer = map.classes[name.value]?.policer?.value
            policyClass.markedDSCP = map.classes[name.value]?.markedDSCP?.value
            policyClass.markedTrafficClass = map.classes[name.value]?.markedTrafficClass?.value
            result.classes.append(policyClass)
        }
        return result
    }

    /// The policy map that an interface names exists.
    mutating func checkReference(toPolicyMap name: Located<String>) {
        guard draft.policyMaps[name.value] == nil else { return }
        reportUndefined(
            .undefinedPolicyMap, "policy map", name.value, at: name.range, defined: draft.policyMaps.keys,
            definition: "policy-map \(name.value)")
    }
}
