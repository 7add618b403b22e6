import Addressing
import Configuration
import ForwardingTables
import PacketFormats
import Routing

/// What the configuration asks of the forwarding tables, routes and neighbors apart: the ports, VRFs and interfaces
/// with their numbers. A value: two configurations that mean the same give equal plans.
public struct ForwardingPlan: Hashable, Sendable {
    /// By index in the tables.
    public internal(set) var ports: [UInt16: PortPlan] = [:]
    public internal(set) var vrfs: [String: VRFPlan] = [:]
    /// Attachment circuits, NNIs and units, the implied ones too, by name.
    public internal(set) var interfaces: [String: InterfacePlan] = [:]
    /// For each NNI the unit of each VRF that is eligible there or has a unit configured there; for the core that of each VRF.
    public internal(set) var units: [UnitKey: String] = [:]
    /// The NNI or circuit that each BGP neighbor is on.
    public internal(set) var interfaceOfPeer: [PeerAddress: String] = [:]
    /// The far ends of Option AB neighbors, on circuits of VRFs.
    var circuitGateways: Set<NeighborKey> = []
    /// The interface that has each number in the tables.
    public internal(set) var names: [UInt16: String] = [:]
    /// The VRF that has each number in the tables.
    public internal(set) var vrfNames: [UInt16: String] = [:]
    /// What leads into the operator's own network.
    var core = CorePlan()
    /// The core's labels whose packets go to several.
    var multipointLabels: [MPLSLabel: MultipointPlan] = [:]
    /// The VRFs and interfaces as the paths of routes and neighbors call them.
    private var vrfsByNumber = NumberedTable<VRFNumber, VRFPlan>()
    private var interfacesByNumber = NumberedTable<InterfaceNumber, InterfacePlan>()
    private var unitsByNumber: [UnitNumbers: InterfaceNumber] = [:]
    /// The names of the NNIs.
    private(set) var nnis: [String] = []
    /// The names of the core's interfaces.
    private(set) var coreInterfaces: [String] = []
    /// The circuits and units by the services that they have; those without any are left out.
    private(set) var usersOfServices: [ServicesPlan: [String]] = [:]
    /// The access lists that services look at.
    var accessLists: [AccessListKey: AccessListPlan] = [:]
    /// What of the services did not fit into the tables.
    var refusals: [ServiceRefusal] = []
    /// What did not fit into the tables, for the log.
    public internal(set) var omissions: [String] = []

    /// A VRF on an NNI, both by name.
    public struct UnitKey: Hashable, Sendable {
        public let nni: String
        public let vrf: String

        public init(nni: String, vrf: String) {
            self.nni = nni
            self.vrf = vrf
        }
    }

    /// The same by number.
    private struct UnitNumbers: Hashable {
        let nni: InterfaceNumber
        let vrf: VRFNumber
    }

    init() {}

    /// The unit's plan; `nil` if the VRF has no part in the NNI.
    public func unit(nni: String, vrf: String) -> InterfacePlan? {
        units[UnitKey(nni: nni, vrf: vrf)].flatMap { interfaces[$0] }
    }

    /// The same by number.
    func unit(nni: InterfaceNumber, vrf: VRFNumber) -> InterfacePlan? {
        unitsByNumber[UnitNumbers(nni: nni, vrf: vrf)].flatMap { interfacesByNumber[$0] }
    }

    func vrf(numbered number: VRFNumber) -> VRFPlan? { vrfsByNumber[number] }

    /// Whether a VRF has the number.
    func has(_ vrf: VRFNumber) -> Bool { vrfsByNumber[vrf] != nil }

    /// The interface with these counters.
    public func interface(numbered number: InterfaceNumber) -> InterfacePlan? { interfacesByNumber[number] }

    /// Fills in what is looked up by number, kind or services.
    mutating func index() {
        for interface in interfaces.values {
            names[interface.number.rawValue] = interface.name
            interfacesByNumber[interface.number] = interface
        }
        for (name, vrf) in vrfs {
            vrfNames[vrf.number.rawValue] = name
            vrfsByNumber[vrf.number] = vrf
        }
        for (key, name) in units {
            guard let nni = interfaces[key.nni], let vrf = vrfs[key.vrf], let unit = interfaces[name] else { continue }
            unitsByNumber[UnitNumbers(nni: nni.number, vrf: vrf.number)] = unit.number
        }
        nnis = interfaces.values.lazy.filter { $0.kind == .nni }.map(\.name).sorted()
        coreInterfaces = interfaces.values.lazy.filter { $0.kind == .core }.map(\.name).sorted()
        for (name, interface) in interfaces where !interface.kind.takesLabels && !interface.services.isEmpty {
            usersOfServices[interface.services, default: []].append(name)
        }
    }

    /// The name of an implied unit.
    static func impliedUnitName(nni: String, vrf: String) -> String { "\(nni) vrf \(vrf)" }

    /// What stands for all interfaces of the core where labels and units are an NNI's: they have one label table, and a VRF
    /// has one unit there. No interface has this name.
    static let coreName = NeighborIdentity.core
}

/// A port as the data plane shall open it.
public struct PortPlan: Hashable, Sendable {
    public let name: PortName
    /// The index of the counters of its frames that are of no interface; 0: none.
    public let counter: UInt16
    /// DPDK device arguments.
    public let device: String
    public let isShutdown: Bool
    /// The largest IP packet, a label entry included, in octets.
    public let mtu: UInt16
    public let receiveQueues: UInt16
    /// `nil` as long as it is not known.
    public let hardwareAddress: MACAddress?
}

/// A VRF's number and what it carries.
public struct VRFPlan: Hashable, Sendable {
    /// With another one it is another VRF under the same name.
    public let identity: VRFIdentity
    public let number: VRFNumber
    public let families: Set<AddressFamily>
    public let allowsTransit: Bool
    public let propagatesTTL: Bool
    /// `nil`: flows are not metered.
    public let flowMetering: FlowMetering?
    /// Octets of memory for routes that are kept for it; 0: an equal part of what is kept for all.
    public let reservedRouteBytes: Int
}

/// One interface.
public struct InterfacePlan: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case attachmentCircuit
        case nni
        /// `nni` is the name of the NNI that it is unnumbered to.
        case unit(nni: String, isImplied: Bool)
        /// An interface of the operator's own network.
        case core
        /// Of a VRF, on all of those.
        case coreUnit(isImplied: Bool)

        /// Whether frames come in with labels here.
        var takesLabels: Bool { self == .nni || self == .core }
    }

    public let name: String
    public let kind: Kind
    /// The index of its counters.
    public let number: InterfaceNumber
    /// `nil` on an NNI or core interface.
    public let vrf: String?
    /// The port's index in the tables.
    public let port: UInt16
    /// `nil` as long as it is not known; until then the interface is not in the tables.
    public let hardwareAddress: MACAddress?
    public let encapsulation: VLANEncapsulation
    public let addresses: [InterfaceAddress]
    /// The largest IP packet that leaves here, the label taken off, in octets.
    public let mtu: UInt16
    public let isShutdown: Bool
    /// Where ICMP errors for what comes in here are sent from.
    public let icmpSources: [IPAddress]
    /// What the box listens to on its own addresses: all of it on an NNI or core interface, on a circuit BGP.
    public let localServices: [LocalService]
    /// A circuit's or unit's own services, an implied unit's those of its NNI. An NNI's are not those of its own
    /// record: no customer's packet is without a label there.
    var services = ServicesPlan()
    /// Whether it is the circuit of a customer that is a carrier itself: frames with labels come in and leave.
    var isCarrierCircuit = false
    /// Of an NNI: the largest IP packet that leaves under one label, as by a unit, in octets. Of a customer carrier's circuit
    /// likewise.
    var labelledMTU: UInt16 = 0
    /// Of an NNI: the same under two labels, which the port has to have room for.
    var stackedMTU: UInt16 = 0
    /// Of a core interface: for whose loopbacks routers of the core are told explicit null.
    var explicitNulls: Set<AddressFamily> = []
    /// Whether it has a label table of its own, and swapped packets leave by it.
    var hasLabels: Bool { kind == .nni || isCarrierCircuit }
    /// Of an NNI and its units, and of a customer carrier's circuit: the neighbors there, each with the Ethernet addresses that are configured for it, where labels
    /// are valid from their neighbor's addresses alone; `nil`: they are valid from every one.
    var senders: [IPAddress: [MACAddress]]?
    /// Of a core interface: the device that a routing engine on the host has for it.
    var hostDevice: String?
    /// Of a circuit: whether another operator is there (Option AB), whose packets are asked for transit.
    var leadsToOperator = false

    /// What stands between the Ethernet addresses and the type of a frame. Both tags of `dot1q N second-dot1q M` have the
    /// type 0x8100, as on the routers that the statement is from; received frames may have 0x88A8 outside.
    public var tags: [EthernetFrame.Tag] {
        switch encapsulation {
        case .untagged: []
        case .dot1q(let identifier): [EthernetFrame.Tag(identifier: identifier)]
        case .qinq(let outer, let inner):
            [EthernetFrame.Tag(identifier: outer), EthernetFrame.Tag(identifier: inner)]
        }
    }

    /// Whether the tables can hold it now.
    public var isInstallable: Bool { !isShutdown && hardwareAddress != nil }

    public var isUnit: Bool {
        switch kind {
        case .unit, .coreUnit: true
        case .attachmentCircuit, .nni, .core: false
        }
    }

    var isCoreUnit: Bool { if case .coreUnit = kind { true } else { false } }

    /// The interface as neighbor resolution sees it; `nil` where there is nothing to resolve.
    var neighborInterface: NeighborInterface? {
        guard isInstallable, !isUnit, let hardwareAddress, !addresses.isEmpty else { return nil }
        return NeighborInterface(
            number: number, port: port, hardwareAddress: hardwareAddress, tags: tags, addresses: addresses)
    }
}

/// One kind of packet to the box's own address on an NNI that is taken.
public struct LocalService: Hashable, Sendable, Comparable {
    public enum Kind: Hashable, Sendable, Comparable {
        /// TCP to the BGP port, or from it.
        case bgp(localPort: UInt16, remotePort: UInt16)
        /// An ICMP or ICMPv6 message of this type.
        case icmp(type: UInt8)
        /// MPLS over UDP, which the data plane takes; over IPv6 with a UDP checksum alone.
        case tunnel
        /// Over IPv6 also without one.
        case tunnelWithoutChecksum
        /// A protocol of the routing engine; the ports of TCP or UDP, or 0.
        case routing(protocolNumber: UInt8, localPort: UInt16, remotePort: UInt16)
        /// TCP from this port on connections that the routing engine has opened. Who opens one from there reaches none
        /// of the host's other ports.
        case routingAnswer(remotePort: UInt16)
        /// No packet to the box: a prefix that labels of reflectors may carry sessions to, or from.
        case sessionsTo
        case sessionsFrom
    }

    public let local: IPAddress
    /// Whose packets are taken: of one neighbor, of the local address's subnet or, of routing protocols, everybody's. The kernel answers by the interface
    /// that the source is on: what came by an NNI with the address of somebody behind another must not get there.
    public let remote: IPPrefix
    public let kind: Kind

    public static func < (a: Self, b: Self) -> Bool {
        if a.local != b.local { return a.local < b.local }
        if a.kind != b.kind { return a.kind < b.kind }
        return a.remote < b.remote
    }
}
