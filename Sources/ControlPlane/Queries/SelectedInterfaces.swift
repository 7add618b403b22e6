import Configuration
import ControlProtocol

extension ForwardingPlan {
    /// The plans of all interfaces in the order of their names, or of the one that is asked for.
    func interfaces(named wanted: String?) throws(ControlError) -> [InterfacePlan] {
        guard let wanted else { return Self.inOrder(interfaces.values) }
        let name = InterfaceName(wanted)?.description ?? wanted
        guard let interface = interfaces[name] else {
            throw ControlError(.noSuchObject, "there is no interface \(wanted)")
        }
        return [interface]
    }

    /// Configured names in their order, an NNI's implied units after it.
    private static func inOrder(_ plans: some Collection<InterfacePlan>) -> [InterfacePlan] {
        // The names are read once each, not for each comparison.
        let named = plans.map { (name: InterfaceName($0.name.prefix { $0 != " " }), plan: $0) }
        return named.sorted { first, second in
            guard let one = first.name, let other = second.name, one != other else {
                return first.plan.name < second.plan.name
            }
            return one < other
        }.map(\.plan)
    }
}

extension Array {
    /// The elements, so many at a time.
    func portions(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
