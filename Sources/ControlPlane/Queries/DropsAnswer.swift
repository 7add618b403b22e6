import Configuration
import ControlProtocol
import ForwardingTables
import Pipeline

extension ShowDrops: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> DropsResult {
        let (plan, takenAt) = await plane.planNow
        // Counter 0 has what belongs to no interface and came by no port.
        var drops = interface == nil ? await plane.drops(counter: 0, interface: "-") : []
        let ports = plan.countedPorts(named: interface)
        var interfaces: [InterfacePlan] = []
        do throws(ControlError) {
            interfaces = try plan.interfaces(named: interface)
        } catch {
            // A port may have subinterfaces only.
            guard !ports.isEmpty else { throw error }
        }
        for portion in interfaces.portions(of: interfacesAtOnce) { drops += await plane.drops(of: portion) }
        // What came by a port and is of no interface.
        for port in ports { drops += await plane.drops(counter: port.counter, interface: "port \(port.name)") }
        if interface == nil { drops += await plane.ownDrops }
        return DropsResult(takenAt: takenAt, drops: drops)
    }
}

extension ControlPlane {
    fileprivate var ownDrops: [InterfaceDrop] { counters.drops }

    fileprivate func drops(counter: UInt16, interface: String) -> [InterfaceDrop] {
        operatorCounters.shown.drops(counter: counter, interface: interface)
    }

    fileprivate func drops(of interfaces: ArraySlice<InterfacePlan>) -> [InterfaceDrop] {
        let counters = operatorCounters.shown
        return interfaces.flatMap { counters.drops(counter: $0.number.rawValue, interface: $0.name) }
    }
}

extension ForwardingPlan {
    /// The plans of all ports with counters, in the order of their names, or of the one that is asked for.
    fileprivate func countedPorts(named wanted: String?) -> [PortPlan] {
        let counted = ports.values.filter { $0.counter != 0 }.sorted { $0.name < $1.name }
        guard let wanted else { return counted }
        return counted.filter { $0.name == PortName(wanted) }
    }
}

extension ShownCounters {
    /// The reasons for which packets of a counter were dropped.
    func drops(counter: UInt16, interface: String) -> [InterfaceDrop] {
        let counters = counters(ofInterface: counter)
        return DropReason.allCases.compactMap { reason in
            let packets = counters.drops[Int(reason.rawValue)]
            guard packets > 0 else { return nil }
            return InterfaceDrop(
                interface: interface, reason: reason.identifier, dropClass: DropClass(reason), packets: packets,
                help: reason.helpText)
        }
    }
}

extension DropClass {
    init(_ reason: DropReason) {
        switch reason.class {
        case .interfaceError: self = .interfaceError
        case .security: self = .security
        case .policy: self = .policy
        case .noRoute: self = .noRoute
        case .resources: self = .resources
        }
    }
}
