import Configuration

/// From a policy map of the configuration to the classes of one place where it is attached.
struct PolicyCompiler {
    let configuration: Configuration
    /// The index of the counters of a class, by the class's name.
    let instance: (String) -> UInt32

    /// The names of the classes that a policy has: the one that takes what the others leave is always there.
    static func classNames(of policy: PolicyMap) -> [String] {
        let names = policy.classes.map(\.name)
        return names.last == PolicyClass.defaultName ? names : names + [PolicyClass.defaultName]
    }

    func classes(of policy: PolicyMap) -> [PolicyClassPlan] {
        Self.classNames(of: policy).map { name in
            var plan = PolicyClassPlan(name: name, instance: instance(name))
            if name != PolicyClass.defaultName { plan.match = configuration.classMaps[name].map(match) }
            guard let configured = policy.classes.first(where: { $0.name == name }) else { return plan }
            plan.dscp = configured.markedDSCP
            plan.trafficClass = configured.markedTrafficClass
            plan.policer = configured.policer.map { PolicerPlan($0) }
            return plan
        }
    }

    private func match(_ map: ClassMap) -> ClassMapPlan {
        ClassMapPlan(requiresAll: map.requiresAll, criteria: map.criteria.map(criterion))
    }

    private func criterion(_ criterion: ClassCriterion) -> CriterionPlan {
        switch criterion {
        case .any: CriterionPlan(kind: .any)
        case .accessGroup(let name):
            CriterionPlan(
                kind: .accessList(
                    ipv4: configuration.ipv4AccessLists[name].map { _ in AccessListKey(family: .ipv4, name: name) },
                    ipv6: configuration.ipv6AccessLists[name].map { _ in AccessListKey(family: .ipv6, name: name) }))
        case .dscp(let codePoints):
            CriterionPlan(kind: .dscps(codePoints.reduce(0) { $0 | 1 << UInt64($1 & 63) }))
        case .mplsTrafficClass(let classes):
            CriterionPlan(kind: .trafficClasses(classes.reduce(0) { $0 | 1 << ($1 & 7) }))
        }
    }
}
