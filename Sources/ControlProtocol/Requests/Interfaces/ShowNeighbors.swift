import Addressing

/// `show.neighbors`: what ARP and neighbor discovery know.
public struct ShowNeighbors: ParameterlessRequest {
    public typealias Answer = NeighborsResult
    public static let method = "show.neighbors"

    public init() {}
}

/// Answer to `show.neighbors`.
public struct NeighborsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.neighbors/1"
    public private(set) var schema = NeighborsResult.schemaIdentifier

    /// In the order of interface and address.
    public let neighbors: [LinkNeighbor]

    public init(neighbors: [LinkNeighbor]) {
        self.neighbors = neighbors
    }
}

/// An entry of ARP (RFC 826) or neighbor discovery (RFC 4861).
public struct LinkNeighbor: Codable, Hashable, Sendable {
    /// RFC 4861 §7.3.2, used for ARP too, and `failed` when nobody answered.
    public enum State: String, Codable, Hashable, Sendable, CaseIterable {
        case incomplete
        case reachable
        case stale
        case delay
        case probe
        case failed
    }

    public let interface: String
    public let vrf: String?
    public let address: IPAddress
    public let macAddress: MACAddress?
    public let state: State
    /// When reachability was last confirmed; `nil` if it never was.
    public let confirmedAt: Timestamp?
    /// Packets that wait for the resolution.
    public let waitingPackets: Int

    public init(
        interface: String, vrf: String? = nil, address: IPAddress, macAddress: MACAddress? = nil, state: State,
        confirmedAt: Timestamp? = nil, waitingPackets: Int
    ) {
        self.interface = interface
        self.vrf = vrf
        self.address = address
        self.macAddress = macAddress
        self.state = state
        self.confirmedAt = confirmedAt
        self.waitingPackets = waitingPackets
    }
}

extension NeighborsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("INTERFACE"), .name("VRF"), .name("ADDRESS"), .name("MAC ADDRESS"), .name("STATE"),
                .name("CONFIRMED"), .number("WAITING"),
            ], emptyText: "no neighbors")
        for neighbor in neighbors {
            table.append([
                TextTable.Cell(neighbor.interface), TextTable.Cell(neighbor.vrf), TextTable.Cell(neighbor.address),
                TextTable.Cell(neighbor.macAddress),
                TextTable.Cell(neighbor.state.rawValue, neighbor.state.emphasis),
                TextTable.Cell(neighbor.confirmedAt), TextTable.Cell(neighbor.waitingPackets),
            ])
        }
        return table
    }
}

extension LinkNeighbor.State {
    fileprivate var emphasis: Emphasis {
        switch self {
        case .reachable: .good
        case .stale, .delay, .probe: .none
        case .incomplete: .warning
        case .failed: .bad
        }
    }
}
