import Addressing

/// The VRFs by name and number, and which of them exports under each route distinguisher.
final class VRFTables {
    private let context: RoutingContext
    private var byName: [String: VRFState] = [:]
    private var byNumber = NumberedTable<VRFNumber, VRFState>()
    private var exporters: [RouteDistinguisher: VRFState] = [:]

    init(_ context: RoutingContext) { self.context = context }

    subscript(name: String) -> VRFState? { byName[name] }

    subscript(number: VRFNumber) -> VRFState? { byNumber[number] }

    var all: some Collection<VRFState> { byName.values }

    /// In the order of their names, which makes the order of effects repeatable.
    var inOrder: [VRFState] { byName.values.sorted { $0.name < $1.name } }

    /// The VRF that exports under a route distinguisher.
    func exporter(of routeDistinguisher: RouteDistinguisher) -> VRFState? { exporters[routeDistinguisher] }

    /// Goes over to the present inputs; the VRFs whose inputs have changed, in order.
    func configure(_ old: RoutingInputs) -> [VRFState] {
        let inputs = context.inputs
        for former in inOrder where !former.inputs.isSame(as: inputs.vrfs[former.name]) {
            // One that comes back with another route distinguisher is another VRF, and inherits no route.
            byName[former.name] = nil
            byNumber[former.number] = nil
            context.add(.removeAllRoutes(vrf: former.number))
        }
        let changed = inputs.vrfs.values.filter { old.vrfs[$0.name] != $0 }.sorted { $0.name < $1.name }
        for new in changed {
            if let vrf = byName[new.name] {
                vrf.configure(new)
            } else {
                let vrf = VRFState(new)
                byName[new.name] = vrf
                byNumber[new.number] = vrf
            }
        }
        chooseExporters(old)
        return changed.compactMap { byName[$0.name] }
    }

    private func chooseExporters(_ old: RoutingInputs) {
        exporters = [:]
        for vrf in inOrder {
            guard let first = exporters[vrf.inputs.routeDistinguisher] else {
                exporters[vrf.inputs.routeDistinguisher] = vrf
                continue
            }
            guard old.vrfs[vrf.name]?.routeDistinguisher != vrf.inputs.routeDistinguisher else { continue }
            context.log(.routeDistinguisherShared(vrf: vrf.name, sharedWith: first.name))
        }
    }
}
