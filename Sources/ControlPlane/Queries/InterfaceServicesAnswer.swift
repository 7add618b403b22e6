import Addressing
import CTableLayout
import Configuration
import ControlProtocol

extension ControlPlane {
    /// The services of an interface for `show.interfaces`, as the tables have them; of an NNI those that its implied
    /// units share.
    func services(of interface: InterfacePlan) -> InterfaceServices? {
        var owner = interface.name
        if case .unit(let nni, isImplied: true) = interface.kind { owner = nni }
        guard let configured = InterfaceName(owner).flatMap({ configuration.interfaces[$0] }) else { return nil }
        let groups = configured.accessGroups
        let checks = interface.services.sourceChecks
        let isRefused =
            interface.services.refusesAll
            || tables.installedServices(of: interface).map { $0.index != 0 && $0.index == tables.services.refusing }
                ?? true
        let services = InterfaceServices(
            attachedTo: owner, sourceCheckIpv4: checks[.ipv4].flatMap(Self.text),
            sourceCheckIpv6: checks[.ipv6].flatMap(Self.text), accessListInIpv4: groups.ipv4Input,
            accessListInIpv6: groups.ipv6Input, accessListOutIpv4: groups.ipv4Output,
            accessListOutIpv6: groups.ipv6Output, policyIn: configured.inputPolicy, policyOut: configured.outputPolicy,
            routeMapIpv4: configured.routeMaps[AttachmentPlace(.ipv4, .input)],
            routeMapIpv6: configured.routeMaps[AttachmentPlace(.ipv6, .input)],
            routeMapOutIpv4: configured.routeMaps[AttachmentPlace(.ipv4, .output)],
            routeMapOutIpv6: configured.routeMaps[AttachmentPlace(.ipv6, .output)],
            isRefused: isRefused)
        return services == InterfaceServices(attachedTo: owner) ? nil : services
    }

    private static func text(_ check: SourceCheckPlan) -> String? {
        let mode: String
        switch UInt32(check.mode) {
        case STILE_SOURCE_CHECK_STRICT.rawValue: mode = "strict"
        case STILE_SOURCE_CHECK_LOOSE.rawValue: mode = "loose"
        case STILE_SOURCE_CHECK_FEASIBLE.rawValue: mode = "feasible"
        default: return nil
        }
        return check.allowsDefault ? "\(mode) allow-default" : mode
    }
}
