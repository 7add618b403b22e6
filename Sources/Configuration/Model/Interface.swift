import Addressing

/// One `interface` block.
public struct Interface: Equatable, Sendable {
    public let name: InterfaceName
    public var kind: InterfaceKind
    public var description: String?
    /// Whether it is administratively down.
    public var isShutdown = false
    /// The largest IP packet that leaves here, in octets without Ethernet header, tags and label; `nil` for the
    /// default of 1500.
    public var mtuOctets: UInt16?
    public var accessGroups = AccessGroups()
    /// The policy map for what comes in, by name.
    public var inputPolicy: String?
    /// The policy map for what goes out, by name.
    public var outputPolicy: String?
    /// `nil`: sources are not checked.
    public var ipv4SourceCheck: SourceCheck?
    public var ipv6SourceCheck: SourceCheck?
    /// Only on units and NNIs; `nil`: short pipe.
    public var diffServMode: DiffServMode?
    /// By name. One for what leaves gives no packet to another VRF.
    public var routeMaps: [AttachmentPlace: String] = [:]

    public init(name: InterfaceName, kind: InterfaceKind) {
        self.name = name
        self.kind = kind
    }
}

extension Interface {
    /// The MTU where none is configured (RFC 894), in octets.
    public static let defaultMTUOctets: UInt16 = 1500

    /// The VRF that the interface belongs to; `nil` for an NNI, a core interface and a port without a role of its own.
    public var vrf: String? {
        switch kind {
        case .unit(let unit): unit.vrf
        case .coreUnit(let unit): unit.vrf
        case .attachmentCircuit(let circuit): circuit.vrf
        case .nni, .core, .carrier: nil
        }
    }

    /// The box's own addresses here, the primary ones first; none for a unit, which is unnumbered.
    public var addresses: [InterfaceAddress] {
        switch kind {
        case .nni(let nni): nni.addresses
        case .core(let core): core.addresses
        case .attachmentCircuit(let circuit): circuit.addresses
        case .unit, .coreUnit, .carrier: []
        }
    }
}

/// What an interface is, as the lines in its block and on its port decide.
public enum InterfaceKind: Equatable, Sendable {
    /// A numbered interface with `encap mpls optE`, `optB` or `optC`: the link to a far-end ASBR.
    case nni(NNI)
    /// A numbered interface with `encap mpls core`: a link into the operator's own network.
    case core(CoreInterface)
    /// The place of one VRF's policies on one NNI, which packets reach by label.
    case unit(OptionEUnit)
    /// The place of one VRF's policies on all core interfaces, which packets reach by label.
    case coreUnit(CoreUnit)
    /// An ordinary IP interface in a VRF.
    case attachmentCircuit(AttachmentCircuit)
    /// A port that has settings (description, MTU) but no role of its own: its parts have.
    case carrier
}

/// What the labels of an NNI stand for: by which option of RFC 4364 §10 its neighbors are joined.
public enum NNIOption: String, Hashable, Sendable, CaseIterable {
    /// `encap mpls optE`: VRFs that are eligible.
    case optionE = "optE"
    /// `encap mpls optB`: relayed routes, and VRFs that take part.
    case optionB = "optB"
    /// `encap mpls optC`: the ways to PEs and reflectors.
    case optionC = "optC"
}

/// A network-to-network interface.
public struct NNI: Equatable, Sendable {
    public var option: NNIOption
    /// The whole port, untagged, or one VLAN of it; never two tags.
    public var encapsulation: VLANEncapsulation
    /// At least one; the primary address of each family first.
    public var addresses: [InterfaceAddress]
    /// Whether labels are valid from their neighbor's Ethernet addresses alone where it is the only one here, too.
    public var checksSourceMAC: Bool

    public init(
        _ option: NNIOption = .optionE, encapsulation: VLANEncapsulation, addresses: [InterfaceAddress],
        checksSourceMAC: Bool = false
    ) {
        self.option = option
        self.encapsulation = encapsulation
        self.addresses = addresses
        self.checksSourceMAC = checksSourceMAC
    }
}

/// A unit: one VRF on one NNI, without VLAN and without address.
public struct OptionEUnit: Equatable, Sendable {
    /// The NNI it is unnumbered to, on the same port.
    public var nni: InterfaceName
    public var vrf: String

    public init(nni: InterfaceName, vrf: String) {
        self.nni = nni
        self.vrf = vrf
    }
}

/// An IP interface towards a customer or the operator's own network.
public struct AttachmentCircuit: Equatable, Sendable {
    public var encapsulation: VLANEncapsulation
    public var vrf: String
    /// The primary address of each family first; may be empty.
    public var addresses: [InterfaceAddress]
    /// `encap mpls csc`: the customer is a carrier itself, and its packets have labels (RFC 4364 §9).
    public var carriesLabels: Bool

    public init(
        encapsulation: VLANEncapsulation, vrf: String, addresses: [InterfaceAddress], carriesLabels: Bool = false
    ) {
        self.encapsulation = encapsulation
        self.vrf = vrf
        self.addresses = addresses
        self.carriesLabels = carriesLabels
    }
}

/// The tags by which frames belong to an interface of a port.
public enum VLANEncapsulation: Hashable, Sendable {
    case untagged
    /// IEEE 802.1Q, VLAN identifier 1 to 4094.
    case dot1q(UInt16)
    /// IEEE 802.1ad: outer and inner VLAN identifier, each 1 to 4094.
    case qinq(outer: UInt16, inner: UInt16)
}

/// The access lists of an interface, by name.
public struct AccessGroups: Equatable, Sendable {
    public var ipv4Input: String?
    public var ipv4Output: String?
    public var ipv6Input: String?
    public var ipv6Output: String?

    public init() {}
}

/// What a policy is attached to on an interface: the packets of one family in one direction.
public struct AttachmentPlace: Hashable, Sendable, CaseIterable {
    public let family: AddressFamily
    public let direction: TrafficDirection

    public init(_ family: AddressFamily, _ direction: TrafficDirection) {
        self.family = family
        self.direction = direction
    }

    /// In the order in which they are printed.
    public static let allCases = AddressFamily.allCases.flatMap { family in
        TrafficDirection.allCases.map { AttachmentPlace(family, $0) }
    }
}

/// The direction of traffic as seen from the box.
public enum TrafficDirection: String, Hashable, Sendable, CaseIterable {
    case input
    case output
}
