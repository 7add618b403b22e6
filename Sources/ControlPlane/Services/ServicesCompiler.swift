import Addressing
import Configuration

/// From the configuration to the services of every interface, and to the access lists that they need. Numbers are taken
/// from, and added to, what is allocated.
struct ServicesCompiler {
    let configuration: Configuration
    let index: ConfigurationIndex
    let limits: ServiceLimits
    private(set) var numbers: TableNumbers
    /// The lists that something uses.
    private(set) var accessLists: [AccessListKey: AccessListPlan] = [:]
    /// What does not fit into the tables. Interfaces that need it are refused all packets.
    private(set) var refusals: [ServiceRefusal] = []
    /// What is done otherwise than it was asked for.
    private(set) var notes: [String] = []
    private var refusedInterfaces: Set<InterfaceName> = []
    /// Route maps and the numbers of classes apart, which depend on the packets' VRF.
    private var plans: [InterfaceName: ServicesPlan] = [:]
    /// The places where services can be attached, in order.
    private let interfaces: [Interface]
    /// The classes of every policy map that is attached anywhere, by its name.
    private var classes: [String: [PolicyClassPlan]] = [:]

    init(index: ConfigurationIndex, numbers: TableNumbers, limits: ServiceLimits) {
        self.index = index
        configuration = index.configuration
        self.numbers = numbers
        self.limits = limits
        interfaces = index.interfaces.filter { if case .carrier = $0.kind { false } else { true } }
    }

    mutating func compile() {
        compilePolicies()
        compileAccessLists()
        numberClasses()
        for interface in interfaces { plans[interface.name] = plan(of: interface) }
    }

    /// The services that are attached to an interface, for packets of a VRF.
    func services(on interface: Interface, vrf: String?) -> ServicesPlan {
        guard var plan = plans[interface.name], !plan.refusesAll else { return .refusing }
        let instances = numbers.classInstances.numbers
        let place = Self.place(interface, vrf: vrf, configuration)
        func numbered(_ classes: [PolicyClassPlan], _ direction: TrafficDirection) -> [PolicyClassPlan] {
            classes.map { policyClass in
                var policyClass = policyClass
                policyClass.instance = instances[Self.instanceName(place, direction, class: policyClass.name)] ?? 0
                return policyClass
            }
        }
        plan.inputClasses = numbered(plan.inputClasses, .input)
        plan.outputClasses = numbered(plan.outputClasses, .output)
        guard let vrf else { return plan }
        for compiler in routeMaps(on: interface) where !compiler.entries.isEmpty {
            plan.routeMaps[compiler.place] = compiler.plan(vrf: vrf) { sequence in
                instances[compiler.instanceName(on: interface, sequence: sequence)] ?? 0
            }
        }
        return plan
    }

    // MARK: Access lists

    private mutating func compileAccessLists() {
        let inUse = Set(interfaces.flatMap(lists(on:))).sorted()
        var names: [String] = []
        var ruleCount = 0
        var fitting: [AccessListCompiler] = []
        for key in inUse {
            guard let compiler = accessList(key).map({ AccessListCompiler($0, in: configuration) }) else { continue }
            let own = compiler.counterNames
            let rules = compiler.ruleCount
            guard names.count + own.count <= limits.accessHits, ruleCount + rules <= limits.accessRules,
                fitting.count < limits.accessLists
            else {
                refuse(
                    .accessList(key.family, key.name),
                    "access list '\(key.name)' does not fit: the lists in use may have "
                        + "\(limits.accessHits) entries and \(limits.accessRules) rules together")
                continue
            }
            names += own
            ruleCount += rules
            fitting.append(compiler)
        }
        guard numbers.numberAccessHits(names) else { return }
        for compiler in fitting {
            accessLists[AccessListKey(compiler.list)] = compiler.plan(hits: numbers.accessHits.numbers)
        }
    }

    private func accessList(_ key: AccessListKey) -> AccessList? {
        switch key.family {
        case .ipv4: configuration.ipv4AccessLists[key.name]
        case .ipv6: configuration.ipv6AccessLists[key.name]
        }
    }

    /// All lists that an interface's services look at.
    private func lists(on interface: Interface) -> [AccessListKey] {
        let groups = interface.accessGroups
        let attached = [
            (AddressFamily.ipv4, groups.ipv4Input), (.ipv4, groups.ipv4Output), (.ipv6, groups.ipv6Input),
            (.ipv6, groups.ipv6Output),
        ]
        return attached.compactMap { family, name in name.map { AccessListKey(family: family, name: $0) } }
            + policies(on: interface).flatMap(\.classes).flatMap(\.accessLists)
            + routeMaps(on: interface).flatMap(\.accessLists)
    }

    // MARK: Classes and route maps

    private mutating func compilePolicies() {
        let compiler = PolicyCompiler(configuration: configuration)
        for name in Set(interfaces.flatMap { [$0.inputPolicy, $0.outputPolicy].compactMap { $0 } }) {
            classes[name] = configuration.policyMaps[name].map(compiler.classes)
        }
    }

    private mutating func numberClasses() {
        var names: [String] = []
        var criteria = 0
        var routeMapEntries = 0
        for interface in interfaces {
            var own: [String] = []
            var ownCriteria = 0
            var ownEntries = 0
            let routeMaps = routeMaps(on: interface)
            let policies = policies(on: interface)
            guard !routeMaps.isEmpty || !policies.isEmpty else { continue }
            let vrfs = index.vrfs(servedOn: interface)
            let copies = vrfs.count
            for compiler in routeMaps {
                // Each VRF has entries of its own, which share the counters.
                own += compiler.entries.map { compiler.instanceName(on: interface, sequence: $0.sequence) }
                ownEntries += copies * compiler.entries.count
                ownCriteria += copies * compiler.accessLists.count
            }
            for (direction, policy, classes) in policies {
                // Each VRF has policers and counters of its own: one customer's traffic takes no other's credit.
                for vrf in vrfs {
                    let place = Self.place(interface, vrf: vrf, configuration)
                    own += classes.map { Self.instanceName(place, direction, class: $0.name) }
                }
                ownCriteria += copies * classes.reduce(0) { $0 + $1.criterionCount }
                for policyClass in classes where policyClass.policer?.isCut == true {
                    notes.append(
                        "interface \(interface.name): a burst of class \(policyClass.name) of policy map "
                            + "\(policy) is cut to what an hour carries")
                }
            }
            guard names.count + own.count <= limits.policyClasses, criteria + ownCriteria <= limits.criteria,
                routeMapEntries + ownEntries <= limits.routeMapEntries
            else {
                refusedInterfaces.insert(interface.name)
                refuse(
                    .interface(interface.name),
                    "the policies of interface \(interface.name) do not fit: all that are attached may have "
                        + "\(limits.policyClasses) classes and entries of route maps and \(limits.criteria) criteria "
                        + "together")
                continue
            }
            names += own
            criteria += ownCriteria
            routeMapEntries += ownEntries
        }
        _ = numbers.numberClassInstances(names)
    }

    /// The policy maps that are attached to an interface, by name, with their classes.
    private func policies(
        on interface: Interface
    ) -> [(direction: TrafficDirection, name: String, classes: [PolicyClassPlan])] {
        [(.input, interface.inputPolicy), (.output, interface.outputPolicy)].compactMap { direction, name in
            guard let name, let classes = classes[name] else { return nil }
            return (direction, name, classes)
        }
    }

    private func routeMaps(on interface: Interface) -> [RouteMapCompiler] {
        AttachmentPlace.allCases.compactMap { place in
            guard let map = interface.routeMaps[place].flatMap({ configuration.routeMaps[$0] }) else { return nil }
            return RouteMapCompiler(index: index, map: map, place: place)
        }
    }

    /// The name of where the packets of a VRF meet an interface's policies: an NNI's in the VRF's implied unit there.
    static func place(_ interface: Interface, vrf: String?, _ configuration: Configuration) -> String {
        guard case .nni = interface.kind, let vrf else {
            return configuration.numberedName(interface.name.description, ofVRF: vrf)
        }
        let unit = ForwardingPlan.impliedUnitName(nni: interface.name.description, vrf: vrf)
        return configuration.numberedName(unit, ofVRF: vrf)
    }

    /// The name under which the counters and buckets of a class are numbered.
    static func instanceName(_ place: String, _ direction: TrafficDirection, class name: String) -> String {
        "\(place) \(direction.rawValue) \(name)"
    }

    private mutating func refuse(_ object: ConfigurationObject, _ message: String) {
        refusals.append(ServiceRefusal(object: object, message: message))
    }

    // MARK: Interfaces

    private func plan(of interface: Interface) -> ServicesPlan {
        guard !refusedInterfaces.contains(interface.name),
            lists(on: interface).allSatisfy({ accessLists[$0] != nil })
        else { return .refusing }
        var plan = ServicesPlan()
        let groups = interface.accessGroups
        plan.inputLists[.ipv4] = groups.ipv4Input.map { AccessListKey(family: .ipv4, name: $0) }
        plan.inputLists[.ipv6] = groups.ipv6Input.map { AccessListKey(family: .ipv6, name: $0) }
        plan.outputLists[.ipv4] = groups.ipv4Output.map { AccessListKey(family: .ipv4, name: $0) }
        plan.outputLists[.ipv6] = groups.ipv6Output.map { AccessListKey(family: .ipv6, name: $0) }
        plan.sourceChecks[.ipv4] = interface.ipv4SourceCheck.map(SourceCheckPlan.init)
        plan.sourceChecks[.ipv6] = interface.ipv6SourceCheck.map(SourceCheckPlan.init)
        plan.hasUniformClass = interface.diffServMode == .uniform
        for (direction, _, classes) in policies(on: interface) {
            switch direction {
            case .input: plan.inputClasses = classes
            case .output: plan.outputClasses = classes
            }
        }
        return plan
    }
}

extension PolicyClassPlan {
    /// The class maps that it asks: its own, and those of the colours that packets come with.
    var classMaps: [ClassMapPlan] {
        [match, policer?.colours?.conform, policer?.colours?.exceed].compactMap { $0 }
    }

    var accessLists: [AccessListKey] { classMaps.flatMap(\.accessLists) }

    var criterionCount: Int { classMaps.reduce(0) { $0 + $1.criteria.count } }
}
