import Addressing

/// Answer to `show.interfaces`.
public struct InterfacesResult: ControlResult {
    public static let schemaIdentifier = "stile.show.interfaces/1"
    public private(set) var schema = InterfacesResult.schemaIdentifier

    /// When the counters were read.
    public let takenAt: Timestamp
    /// In the order of the names.
    public let interfaces: [InterfaceStatus]

    public init(takenAt: Timestamp, interfaces: [InterfaceStatus]) {
        self.takenAt = takenAt
        self.interfaces = interfaces
    }
}

/// One interface and its counters over all workers.
public struct InterfaceStatus: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        case attachmentCircuit = "attachment_circuit"
        case nni
        case unit
    }

    /// The configuration's name; of an implied unit `ten1/0 vrf three`.
    public let name: String
    public let kind: Kind
    public let description: String?
    public let port: String
    public let portState: PortState
    /// `untagged`, `dot1q 30`, `dot1q 30 second-dot1q 40`; of a unit `label`.
    public let encapsulation: String
    /// `nil` on an NNI.
    public let vrf: String?
    /// The NNI of a unit.
    public let nni: String?
    /// Whether the unit stands for an eligible VRF that has none configured on this NNI.
    public let isImplied: Bool
    public let addresses: [InterfaceAddress]
    public let macAddress: MACAddress?
    /// The largest IP packet.
    public let mtuBytes: Int
    public let rxPackets: UInt64
    /// Frames as on the wire without FCS.
    public let rxBytes: UInt64
    public let txPackets: UInt64
    public let txBytes: UInt64
    /// Reasons that have counted anything, in the order of the reasons.
    public let drops: [DropCount]
    /// What is done to packets beside forwarding; `nil` for nothing.
    public let services: InterfaceServices?

    public init(
        name: String, kind: Kind, description: String? = nil, port: String, portState: PortState, encapsulation: String,
        vrf: String? = nil, nni: String? = nil, isImplied: Bool, addresses: [InterfaceAddress],
        macAddress: MACAddress? = nil, mtuBytes: Int, rxPackets: UInt64, rxBytes: UInt64, txPackets: UInt64,
        txBytes: UInt64, drops: [DropCount], services: InterfaceServices? = nil
    ) {
        self.name = name
        self.kind = kind
        self.description = description
        self.port = port
        self.portState = portState
        self.encapsulation = encapsulation
        self.vrf = vrf
        self.nni = nni
        self.isImplied = isImplied
        self.addresses = addresses
        self.macAddress = macAddress
        self.mtuBytes = mtuBytes
        self.rxPackets = rxPackets
        self.rxBytes = rxBytes
        self.txPackets = txPackets
        self.txBytes = txBytes
        self.drops = drops
        self.services = services
    }

    /// What access lists, policers, route maps and source checks dropped, as the operator wanted it.
    public var policyDropPackets: UInt64 {
        drops.reduce(0) { $1.dropClass == .policy ? $0 &+ $1.packets : $0 }
    }

    /// All other drops.
    public var otherDropPackets: UInt64 {
        drops.reduce(0) { $1.dropClass == .policy ? $0 : $0 &+ $1.packets }
    }
}
