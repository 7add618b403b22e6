import Addressing

/// `show.interfaces`: interfaces, their state and counters.
public struct ShowInterfaces: ControlRequest {
    public typealias Answer = InterfacesResult
    public static let method = "show.interfaces"

    /// Only this interface; all if `nil`.
    public var interface: String?

    public init(interface: String? = nil) { self.interface = interface }
}

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
        case core
    }

    /// The configuration's name; of an implied unit `ten1/0 vrf three`.
    public let name: String
    /// The interface's number in the tables and in flow records.
    public let number: Int
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
        name: String, number: Int, kind: Kind, description: String? = nil, port: String, portState: PortState,
        encapsulation: String, vrf: String? = nil, nni: String? = nil, isImplied: Bool, addresses: [InterfaceAddress],
        macAddress: MACAddress? = nil, mtuBytes: Int, rxPackets: UInt64, rxBytes: UInt64, txPackets: UInt64,
        txBytes: UInt64, drops: [DropCount], services: InterfaceServices? = nil
    ) {
        self.name = name
        self.number = number
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

extension InterfacesResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("INTERFACE"), .name("KIND"), .name("STATE"), .name("VRF"), .name("ENCAPSULATION"),
                .name("ADDRESSES"), .number("RX PACKETS"), .number("RX BYTES"), .number("TX PACKETS"),
                .number("TX BYTES"), .number("POLICY DROPS"), .number("OTHER DROPS"),
            ], emptyText: "no interfaces")
        for interface in interfaces {
            table.append([
                TextTable.Cell(interface.name), TextTable.Cell(interface.kind.title),
                TextTable.Cell(interface.portState.rawValue, interface.portState.emphasis),
                TextTable.Cell(interface.vrf), TextTable.Cell(interface.encapsulation),
                TextTable.Cell(list: interface.addresses), TextTable.Cell(interface.rxPackets),
                TextTable.Cell(interface.rxBytes), TextTable.Cell(interface.txPackets),
                TextTable.Cell(interface.txBytes),
                TextTable.Cell(interface.policyDropPackets),
                TextTable.Cell(interface.otherDropPackets, interface.otherDropPackets > 0 ? .warning : .none),
            ])
        }
        return table
    }

    /// The table; of a single interface everything, with the drops by reason.
    public func text(_ style: TextStyle) -> String {
        guard interfaces.count == 1, let interface = interfaces.first else { return table().text(style) }
        var text = table().text(style)
        var facts: [(String, String?)] = [
            ("description", interface.description), ("port", interface.port), ("nni", interface.nni),
            ("mac address", interface.macAddress?.description), ("mtu", "\(interface.mtuBytes) bytes"),
        ]
        if interface.isImplied { facts.append(("unit", "implied by the VRF's eligibility")) }
        if let services = interface.services { facts += services.facts }
        text += factLines(facts, style)
        if !interface.drops.isEmpty {
            var drops = TextTable([.name("REASON"), .name("CLASS"), .number("PACKETS")], emptyText: "")
            for drop in interface.drops {
                drops.append([
                    TextTable.Cell(drop.reason), TextTable.Cell(drop.dropClass.rawValue), TextTable.Cell(drop.packets),
                ])
            }
            text += "\n" + drops.text(style)
        }
        return text
    }
}

extension InterfaceServices {
    var facts: [(String, String?)] {
        [
            ("services of", attachedTo), ("source check ipv4", sourceCheckIpv4),
            ("source check ipv6", sourceCheckIpv6), ("access list in ipv4", accessListInIpv4),
            ("access list in ipv6", accessListInIpv6), ("access list out ipv4", accessListOutIpv4),
            ("access list out ipv6", accessListOutIpv6), ("policy in", policyIn), ("policy out", policyOut),
            ("route map ipv4", routeMapIpv4), ("route map ipv6", routeMapIpv6),
            ("route map out ipv4", routeMapOutIpv4), ("route map out ipv6", routeMapOutIpv6),
            ("refused", isRefused ? "all packets: what is configured does not fit into the tables" : nil),
        ]
    }
}

extension InterfaceStatus.Kind {
    var title: String {
        switch self {
        case .attachmentCircuit: "circuit"
        case .nni: "nni"
        case .core: "core"
        case .unit: "unit"
        }
    }
}

extension PortState {
    var emphasis: Emphasis {
        switch self {
        case .up: .good
        case .down, .failed: .bad
        case .absent, .shutdown: .warning
        }
    }
}

/// Lines of a name and a value each; those without a value are left out.
func factLines(_ facts: [(name: String, value: String?)], _ style: TextStyle) -> String {
    let width = facts.map(\.name.count).max() ?? 0
    return facts.reduce(into: "") { text, fact in
        guard let value = fact.value else { return }
        let padding = String(repeating: " ", count: width - fact.name.count)
        text += style.show(fact.name, as: .heading) + padding + "  " + value.withoutControlCharacters + "\n"
    }
}
