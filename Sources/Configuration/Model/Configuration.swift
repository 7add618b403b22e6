import Addressing

/// A complete and consistent configuration of one box.
///
/// Every name that one object uses for another is defined, and every rule of `Checking/` holds: a `Configuration` is
/// only made by `ConfigurationParser`, or by hand in a test. Where each object came from in the text is not part of it
/// (two texts with the same meaning give equal configurations); see ``LoadedConfiguration/sources``.
public struct Configuration: Equatable, Sendable {
    public var hostname: String?
    public var dataplane = DataplaneSettings()
    public var mpls = MPLSSettings()
    /// The physical or virtual devices. An interface whose port is not here is absent: configured, but down.
    public var ports: [PortName: Port] = [:]
    public var vrfs: [String: VRF] = [:]
    public var interfaces: [InterfaceName: Interface] = [:]
    /// What access lists call by one name: networks of either family, and ports.
    public var objectGroups: [String: ObjectGroup] = [:]
    /// IPv4 access lists by name. IPv4 and IPv6 lists have name spaces of their own.
    public var ipv4AccessLists: [String: AccessList] = [:]
    /// IPv6 access lists by name.
    public var ipv6AccessLists: [String: AccessList] = [:]
    /// After how many packets of a flow that access lists of a family log it is logged again, before the time for that
    /// has come; not in it: never.
    public var accessListLogThresholds: [AddressFamily: UInt32] = [:]
    public var classMaps: [String: ClassMap] = [:]
    public var policyMaps: [String: PolicyMap] = [:]
    public var flowExporters: [String: FlowExporterSettings] = [:]
    public var flowMonitors: [String: FlowMonitorSettings] = [:]
    public var tableMaps: [String: TableMap] = [:]
    public var routeMaps: [String: RouteMap] = [:]
    /// `nil` if the text has no `router bgp`.
    public var bgp: BGPConfiguration?
    /// In ascending order, each at most once.
    public var staticRoutes: [StaticRoute] = []

    public init() {}
}

extension Configuration {
    /// The interfaces in ascending order of their names.
    public var interfacesInOrder: [Interface] { interfaces.values.sorted { $0.name < $1.name } }

    /// The VRFs in ascending order of their names.
    public var vrfsInOrder: [VRF] { vrfs.values.sorted { $0.name < $1.name } }

    /// Whether the TTL of a customer's packet is carried over into the label and back (RFC 3443 §3, the uniform model);
    /// otherwise the pipe model holds. It does unless `no mpls ip propagate-ttl` is said for the box or for this VRF.
    public func propagatesTTL(inVRF name: String) -> Bool {
        mpls.propagatesTTL && (vrfs[name]?.propagatesTTL ?? true)
    }

    /// The NNI whose subnet holds a neighbor's address, with the box's own address there: the next hop of what is
    /// advertised to that neighbor. `nil` if the neighbor is on no NNI.
    public func nni(towards neighbor: IPAddress) -> (interface: Interface, address: InterfaceAddress)? {
        // No order is needed: the subnets of NNIs do not overlap.
        for interface in interfaces.values {
            guard case .nni(let nni) = interface.kind else { continue }
            if let address = nni.addresses.first(where: { $0.subnet.contains(neighbor) }) {
                return (interface, address)
            }
        }
        return nil
    }

    /// The unit of a VRF on an NNI; `nil` where the VRF has none there.
    public func unit(ofVRF vrf: String, onNNI nni: InterfaceName) -> Interface? {
        interfaces.values.first { interface in
            if case .unit(let unit) = interface.kind { unit.nni == nni && unit.vrf == vrf } else { false }
        }
    }

    /// The VRFs whose packets come in on an interface and get its services: a unit's or circuit's own, and on an NNI those
    /// that are eligible there and have no unit.
    public func vrfs(servedOn interface: Interface) -> [String] {
        guard case .nni = interface.kind else { return interface.vrf.map { [$0] } ?? [] }
        let neighbors = (bgp?.sessions ?? []).map(\.address).filter { neighbor in
            nni(towards: neighbor)?.interface.name == interface.name
        }
        return vrfsInOrder.map(\.name).filter { vrf in
            unit(ofVRF: vrf, onNNI: interface.name) == nil
                && neighbors.contains { isEligible(vrf: vrf, onNeighbor: $0) }
        }
    }

    /// The circuit of a VRF on whose subnet an address is that is not the box's own; `nil`: it is no neighbor of the VRF.
    public func circuit(ofVRF vrf: String, towards neighbor: IPAddress) -> Interface? {
        // No order is needed: the subnets of a VRF do not overlap.
        interfaces.values.first { interface in
            guard case .attachmentCircuit(let circuit) = interface.kind, circuit.vrf == vrf else { return false }
            return circuit.addresses.contains { $0.subnet.contains(neighbor) }
                && !circuit.addresses.contains { $0.address == neighbor }
        }
    }

    /// Whether a VRF's configuration lets a route map give it the packets of another VRF.
    public func allowsPolicyRoute(to target: String, from source: String) -> Bool {
        target == source || vrfs[target]?.policyRouteSources.contains(source) == true
    }

    /// Whether a VRF's routes go to a neighbor and a neighbor's routes may enter the VRF: because the VRF's definition
    /// says so, or because the VRF has a unit on the neighbor's NNI. Nothing else makes a VRF eligible.
    public func isEligible(vrf name: String, onNeighbor neighbor: IPAddress) -> Bool {
        guard let vrf = vrfs[name], let session = bgp?.session(with: neighbor), session.isOptionE else { return false }
        switch vrf.optionE {
        case .everyNeighbor: return true
        case .neighbors(let named) where named.contains(neighbor): return true
        case .neighbors, .byUnitOnly: break
        }
        guard let nni = nni(towards: neighbor) else { return false }
        return unit(ofVRF: name, onNNI: nni.interface.name) != nil
    }
}
