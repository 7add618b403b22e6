import Configuration

/// From a policy map of the configuration to its classes, which are the same wherever it is attached but for the number
/// of their counters.
struct PolicyCompiler {
    let configuration: Configuration

    /// The names of the classes that a policy has: the one that takes what the others leave is always there.
    static func classNames(of policy: PolicyMap) -> [String] {
        let names = policy.classes.map(\.name)
        return names.last == PolicyClass.defaultName ? names : names + [PolicyClass.defaultName]
    }

    /// The classes, not numbered yet.
    func classes(of policy: PolicyMap) -> [PolicyClassPlan] {
        Self.classNames(of: policy).map { name in
            var plan = PolicyClassPlan(name: name)
            if name != PolicyClass.defaultName { plan.match = configuration.classMaps[name].map(match) }
            guard let configured = policy.classes.first(where: { $0.name == name }) else { return plan }
            plan.dscp = configured.markedDSCP
            plan.trafficClass = configured.markedTrafficClass
            plan.dscpTable = configured.dscpTable.flatMap { configuration.tableMaps[$0] }.map { $0.fromTrafficClass }
            plan.trafficClassTable =
                configured.trafficClassTable.flatMap { configuration.tableMaps[$0] }.map { $0.fromDSCP }
            plan.policer = configured.policer.map(policer)
            return plan
        }
    }

    private func match(_ map: ClassMap) -> ClassMapPlan {
        ClassMapPlan(requiresAll: map.requiresAll, criteria: map.criteria.map(criterion))
    }

    private func policer(_ policer: Policer) -> PolicerPlan {
        var plan = PolicerPlan(policer)
        plan.accountOctets = policer.accountOctets
        plan.colours = policer.conformColour.flatMap { configuration.classMaps[$0] }.map { conform in
            PolicerPlan.Colours(
                conform: match(conform),
                exceed: policer.exceedColour.flatMap { configuration.classMaps[$0] }.map(match))
        }
        return plan
    }

    private func criterion(_ criterion: ClassCriterion) -> CriterionPlan {
        switch criterion {
        case .not(let negated):
            var plan = self.criterion(negated)
            plan.isNegated.toggle()
            return plan
        case .precedence(let precedences):
            // A precedence is the eight code points whose upper bits it is (RFC 2474 §4.2.2).
            return CriterionPlan(kind: .dscps(precedences.reduce(0) { $0 | 0xFF << (UInt64($1 & 7) * 8) }))
        case .any: return CriterionPlan(kind: .any)
        case .accessGroup(let name):
            return CriterionPlan(
                kind: .accessList(
                    ipv4: configuration.ipv4AccessLists[name].map { _ in AccessListKey(family: .ipv4, name: name) },
                    ipv6: configuration.ipv6AccessLists[name].map { _ in AccessListKey(family: .ipv6, name: name) }))
        case .dscp(let codePoints):
            return CriterionPlan(kind: .dscps(codePoints.reduce(0) { $0 | 1 << UInt64($1 & 63) }))
        case .mplsTrafficClass(let classes):
            return CriterionPlan(kind: .trafficClasses(classes.reduce(0) { $0 | 1 << ($1 & 7) }))
        }
    }
}

extension TableMap {
    /// The DSCP for each traffic class of a received label.
    fileprivate var fromTrafficClass: TableMapPlan {
        TableMapPlan(values: (0..<64).map { value($0 & 7) { $0 << 3 } })
    }

    /// The traffic class of the imposed label for each DSCP.
    fileprivate var fromDSCP: TableMapPlan {
        TableMapPlan(values: (0..<64).map { value($0) { $0 >> 3 } })
    }

    private func value(_ from: UInt8, copy: (UInt8) -> UInt8) -> UInt8? {
        if let value = entries[from] { return value }
        switch otherwise {
        case .copy: return copy(from)
        case .ignore: return nil
        case .value(let value): return value
        }
    }
}
