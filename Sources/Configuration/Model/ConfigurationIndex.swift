import Addressing

/// What is looked up in a configuration again and again while something is made for each VRF, interface or neighbor,
/// worked out once: each question costs the same however large the configuration is.
public struct ConfigurationIndex: Sendable {
    public let configuration: Configuration
    /// In ascending order of their names.
    public let interfaces: [Interface]
    /// In ascending order of their names.
    public let vrfs: [VRF]
    /// In ascending order of their names.
    public let sessions: [BGPSession]
    private let sessionsByVRF: [String?: [BGPSession]]
    /// Those with neighbors in the own AS that exchange VPN or labelled unicast routes, in ascending order of their addresses.
    public let internalSessions: [BGPSession]
    private let nnis: [IPAddress: Place]
    private let options: [IPAddress: NNIOption]
    /// The circuits of neighbors with link-local addresses.
    private let linkLocals: [NeighborName: InterfaceName]
    private var neighbors: [InterfaceName: [IPAddress]] = [:]
    private var units: [InterfaceName: [String: Interface]] = [:]
    private var coreUnits: [String: Interface] = [:]
    private var circuits: [String: [Interface]] = [:]
    private var subnets: [String: CircuitSubnets] = [:]
    private var carriers: [InterfaceName: [IPAddress]] = [:]

    /// An NNI or circuit with the box's own address on a neighbor's subnet.
    public typealias Place = (interface: Interface, address: InterfaceAddress)

    public init(_ configuration: Configuration) {
        self.configuration = configuration
        let interfaces = configuration.interfacesInOrder
        self.interfaces = interfaces
        vrfs = configuration.vrfsInOrder
        sessions = configuration.bgp?.sessions ?? []
        sessionsByVRF = Dictionary(grouping: sessions, by: \.vrf)
        var linkLocals: [NeighborName: InterfaceName] = [:]
        for session in sessions where session.address.isLinkLocal { linkLocals[session.name] = session.interface }
        self.linkLocals = linkLocals
        let sessions = sessionsByVRF[nil] ?? []
        options = sessions.reduce(into: [:]) { options, session in
            if session.isOptionE { options[session.address] = .optionE }
            if session.isOptionB { options[session.address] = .optionB }
            if session.isOptionC { options[session.address] = .optionC }
        }
        internalSessions = sessions.filter { session in
            session.remoteAS == configuration.bgp?.autonomousSystem && !session.hasOption
                && session.families.keys.contains { $0.hasLabels || $0.isSignalling }
        }
        var nnis: [IPAddress: Place] = [:]
        let all = interfaces.filter { if case .nni = $0.kind { true } else { false } }
        for session in sessions { nnis[session.address] = Self.place(of: session.address, among: all) }
        self.nnis = nnis
        for session in sessions {
            guard let name = nnis[session.address]?.interface.name else { continue }
            neighbors[name, default: []].append(session.address)
        }
        for interface in interfaces {
            switch interface.kind {
            case .unit(let unit): units[unit.nni, default: [:]][unit.vrf] = interface
            case .coreUnit(let unit): coreUnits[unit.vrf] = interface
            case .attachmentCircuit(let circuit):
                circuits[circuit.vrf, default: []].append(interface)
                subnets[circuit.vrf, default: CircuitSubnets()].add(interface)
            case .nni, .core, .carrier: break
            }
        }
        for session in self.sessions where session.isCustomerCarrier {
            if let circuit = place(of: session.name)?.interface.name {
                carriers[circuit, default: []].append(session.address)
            }
        }
    }

    /// The sessions to the neighbors of a VRF, or to those that are in none, in ascending order of their addresses.
    public func sessions(inVRF vrf: String?) -> [BGPSession] { sessionsByVRF[vrf] ?? [] }

    /// The NNI whose subnet holds the address of a configured neighbor in no VRF, with the box's own address there: the
    /// next hop of what is advertised to that neighbor. `nil` if the neighbor is on no NNI.
    public func nni(towards neighbor: IPAddress) -> Place? { nnis[neighbor] }

    /// Whether any neighbor has a link-local address.
    public var hasLinkLocalNeighbors: Bool { !linkLocals.isEmpty }

    /// The NNI or circuit whose subnet holds a neighbor's address, with the box's own address there; `nil` if it is on none. Of
    /// a link-local address the circuit is said, and the address there is that of IPv6 which is not link-local.
    public func place(of neighbor: NeighborName) -> Place? {
        guard let vrf = neighbor.vrf else { return nnis[neighbor.address] }
        if neighbor.address.isLinkLocal {
            guard let circuit = linkLocals[neighbor].flatMap({ configuration.interfaces[$0] }), circuit.vrf == vrf
            else {
                return nil
            }
            return circuit.addresses.first { $0.address.family == .ipv6 }.map { (circuit, $0) }
        }
        return circuit(ofVRF: vrf, towards: neighbor.address).flatMap { interface in
            interface.addresses.first { $0.subnet.contains(neighbor.address) }.map { (interface, $0) }
        }
    }

    /// The box's own address in a session with a neighbor of its own AS, which is the next hop of what that is told: the
    /// loopback's, or the one on the neighbor's subnet. `nil`: there is none.
    public func localAddress(towardsInternal session: BGPSession) -> IPAddress? {
        if session.isFromLoopback { return configuration.loopback?.addresses[session.address.family] }
        return interfaces.lazy.flatMap { interface -> [InterfaceAddress] in
            if case .core = interface.kind { interface.addresses } else { [] }
        }.first { $0.subnet.contains(session.address) }?.address
    }

    /// The configured neighbors on an NNI, in ascending order.
    public func neighbors(onNNI nni: InterfaceName) -> [IPAddress] { neighbors[nni] ?? [] }

    /// Whether labels on the interface are valid from the Ethernet addresses of the neighbor that was told them alone:
    /// because several share the NNI, whether shut down or not, or because the NNI says so.
    public func checksSourceMAC(on interface: Interface) -> Bool {
        guard case .nni(let nni) = interface.kind else { return false }
        return nni.checksSourceMAC || neighbors(onNNI: interface.name).count > 1
    }

    /// The unit of a VRF on an NNI; `nil` where the VRF has none there.
    public func unit(ofVRF vrf: String, onNNI nni: InterfaceName) -> Interface? { units[nni]?[vrf] }

    /// The unit of a VRF on the core; `nil` where it is implied.
    public func coreUnit(ofVRF vrf: String) -> Interface? { coreUnits[vrf] }

    /// The attachment circuits of a VRF, in ascending order of their names.
    public func circuits(ofVRF vrf: String) -> [Interface] { circuits[vrf] ?? [] }

    /// Whether a customer of the VRF is a carrier itself: one of its circuits takes labels.
    public func servesCarrier(vrf: String) -> Bool {
        circuits(ofVRF: vrf).contains {
            if case .attachmentCircuit(let circuit) = $0.kind { circuit.carriesLabels } else { false }
        }
    }

    /// The neighbors on a circuit that send labels, shut down or not.
    public func customerCarriers(on circuit: Interface) -> [IPAddress] { carriers[circuit.name] ?? [] }

    /// The circuit of a VRF on whose subnet an address is that is not the box's own; `nil`: it is no neighbor of the VRF.
    public func circuit(ofVRF vrf: String, towards neighbor: IPAddress) -> Interface? {
        guard let interface = subnets[vrf]?.circuit(towards: neighbor),
            !interface.addresses.contains(where: { $0.address == neighbor })
        else { return nil }
        return interface
    }

    /// How many look-ups it takes to find the circuit of a neighbor, however many circuits the VRF has.
    package func lookupsOfCircuit(inVRF vrf: String) -> Int { subnets[vrf]?.lookups ?? 0 }

    /// The VRFs whose packets come in on an interface and get its services: a unit's or circuit's own, and on an NNI those
    /// that are eligible there and have no unit.
    public func vrfs(servedOn interface: Interface) -> [String] {
        guard case .nni = interface.kind else { return interface.vrf.map { [$0] } ?? [] }
        let neighbors = neighbors(onNNI: interface.name)
        return vrfs.map(\.name).filter { vrf in
            unit(ofVRF: vrf, onNNI: interface.name) == nil
                && neighbors.contains { isEligible(vrf: vrf, onNeighbor: $0) }
        }
    }

    /// The far end's addresses on circuits of a VRF by which packets of the VRF are exchanged with a neighbor, whose routes are
    /// those of Option E: Option AB. `nil`: they are labelled, or there are none.
    public func gateways(ofVRF name: String, towards neighbor: IPAddress) -> [AddressFamily: IPAddress]? {
        guard options[neighbor] == .optionE else { return nil }
        return configuration.vrfs[name]?.optionAB[neighbor]
    }

    /// Whether a VRF's packets are exchanged with a neighbor by labels, and its routes so: because the VRF's definition
    /// says so, or because the VRF has a unit on the neighbor's NNI. Nothing else makes a VRF eligible.
    public func isEligible(vrf name: String, onNeighbor neighbor: IPAddress) -> Bool {
        guard let option = options[neighbor], let vrf = configuration.vrfs[name],
            gateways(ofVRF: name, towards: neighbor) == nil, let eligibility = vrf.eligibility(for: option)
        else { return false }
        switch eligibility {
        case .everyNeighbor: return true
        case .neighbors(let named) where named.contains(neighbor): return true
        case .neighbors, .byUnitOnly: break
        }
        guard let nni = nni(towards: neighbor) else { return false }
        return unit(ofVRF: name, onNNI: nni.interface.name) != nil
    }

    private static func place(of neighbor: IPAddress, among nnis: [Interface]) -> Place? {
        // The subnets of NNIs do not overlap.
        for interface in nnis {
            if let address = interface.addresses.first(where: { $0.subnet.contains(neighbor) }) {
                return (interface, address)
            }
        }
        return nil
    }
}
