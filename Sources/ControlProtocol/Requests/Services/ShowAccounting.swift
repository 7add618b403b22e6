/// `show.accounting`: packets and bytes forwarded, by VRF, circuit, unit and class.
public struct ShowAccounting: ControlRequest {
    public typealias Answer = AccountingResult
    public static let method = "show.accounting"

    /// Only this VRF; all if `nil`.
    public var vrf: String?

    public init(vrf: String? = nil) { self.vrf = vrf }
}

/// Answer to `show.accounting`. The counters are those of all workers together; they are never cleared, and go on when
/// stiled or the data plane starts again.
///
/// Received is what came in and was forwarded: neither what was dropped before it reached its way out, nor what was for the
/// box itself (ARP, neighbor discovery, ICMP to its addresses) or had to wait for the address of a host. Sent is what
/// left, but for what the box itself made.
public struct AccountingResult: ControlResult {
    public static let schemaIdentifier = "stile.show.accounting/1"
    public private(set) var schema = AccountingResult.schemaIdentifier

    public let takenAt: Timestamp
    /// In the order of the names: the sums of each VRF's circuits and units.
    public let vrfs: [VRFAccount]
    /// Circuits and units, implied ones too, in the order of VRF and name.
    public let interfaces: [InterfaceAccount]
    /// Classes of attached policies, in the order of interface, direction and class.
    public let classes: [ClassAccount]

    public init(
        takenAt: Timestamp, vrfs: [VRFAccount], interfaces: [InterfaceAccount], classes: [ClassAccount]
    ) {
        self.takenAt = takenAt
        self.vrfs = vrfs
        self.interfaces = interfaces
        self.classes = classes
    }
}

/// What came in from and went out to a VRF's circuits and units.
public struct VRFAccount: Codable, Hashable, Sendable {
    public let vrf: String
    /// Octets of frames as on the wire without FCS.
    public let received: TrafficCount
    public let sent: TrafficCount

    public init(vrf: String, received: TrafficCount, sent: TrafficCount) {
        self.vrf = vrf
        self.received = received
        self.sent = sent
    }
}

/// What came in and went out by one circuit or unit.
public struct InterfaceAccount: Codable, Hashable, Sendable {
    public let vrf: String
    public let interface: String
    public let kind: InterfaceStatus.Kind
    /// Octets of frames as on the wire without FCS.
    public let received: TrafficCount
    public let sent: TrafficCount

    public init(
        vrf: String, interface: String, kind: InterfaceStatus.Kind, received: TrafficCount, sent: TrafficCount
    ) {
        self.vrf = vrf
        self.interface = interface
        self.kind = kind
        self.received = received
        self.sent = sent
    }
}

/// What a class of an attached policy took.
public struct ClassAccount: Codable, Hashable, Sendable {
    /// `nil` where the policy is attached to an NNI on which no VRF is without a unit of its own.
    public let vrf: String?
    /// Of a policy that is attached to an NNI the VRF's implied unit there.
    public let interface: String
    public let direction: ServiceDirection
    public let policyMap: String
    public let className: String
    /// All colours together, IP octets with the policer's account.
    public let traffic: TrafficCount

    public init(
        vrf: String?, interface: String, direction: ServiceDirection, policyMap: String, className: String,
        traffic: TrafficCount
    ) {
        self.vrf = vrf
        self.interface = interface
        self.direction = direction
        self.policyMap = policyMap
        self.className = className
        self.traffic = traffic
    }
}

extension AccountingResult {
    /// The sums of the VRFs, then circuits and units, then classes.
    public func text(_ style: TextStyle) -> String {
        var tables = [vrfTable, interfaceTable]
        if !classes.isEmpty { tables.append(classTable) }
        return tables.map { $0.text(style) }.joined(separator: "\n")
    }

    private static let counts: [TextTable.Column] = [
        .number("RX PACKETS"), .number("RX BYTES"), .number("TX PACKETS"), .number("TX BYTES"),
    ]

    private static func cells(_ received: TrafficCount, _ sent: TrafficCount) -> [TextTable.Cell] {
        [received.packets, received.bytes, sent.packets, sent.bytes].map { TextTable.Cell($0) }
    }

    private var vrfTable: TextTable {
        var table = TextTable([.name("VRF")] + Self.counts, emptyText: "no VRFs")
        for vrf in vrfs { table.append([TextTable.Cell(vrf.vrf)] + Self.cells(vrf.received, vrf.sent)) }
        return table
    }

    private var interfaceTable: TextTable {
        var table = TextTable(
            [.name("VRF"), .name("INTERFACE"), .name("KIND")] + Self.counts, emptyText: "no interfaces")
        for row in interfaces {
            table.append(
                [TextTable.Cell(row.vrf), TextTable.Cell(row.interface), TextTable.Cell(row.kind.title)]
                    + Self.cells(row.received, row.sent))
        }
        return table
    }

    private var classTable: TextTable {
        var table = TextTable(
            [
                .name("VRF"), .name("INTERFACE"), .name("DIRECTION"), .name("POLICY MAP"), .name("CLASS"),
                .number("PACKETS"), .number("BYTES"),
            ], emptyText: "no classes")
        for row in classes {
            table.append([
                TextTable.Cell(row.vrf), TextTable.Cell(row.interface), TextTable.Cell(row.direction.rawValue),
                TextTable.Cell(row.policyMap), TextTable.Cell(row.className), TextTable.Cell(row.traffic.packets),
                TextTable.Cell(row.traffic.bytes),
            ])
        }
        return table
    }
}
