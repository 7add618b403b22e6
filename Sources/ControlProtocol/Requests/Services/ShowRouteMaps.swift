import Addressing

/// `show.route_maps`: route maps, what each entry took where it is attached, and which next hops are up.
public struct ShowRouteMaps: ControlRequest {
    public typealias Answer = RouteMapsResult
    public static let method = "show.route_maps"

    /// Only this route map; all if `nil`.
    public var name: String?

    public init(name: String? = nil) { self.name = name }
}

/// Answer to `show.route_maps`.
public struct RouteMapsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.route_maps/1"
    public private(set) var schema = RouteMapsResult.schemaIdentifier

    /// When the counters were read.
    public let takenAt: Timestamp
    /// In the order of the names.
    public let routeMaps: [RouteMapStatus]

    public init(takenAt: Timestamp, routeMaps: [RouteMapStatus]) {
        self.takenAt = takenAt
        self.routeMaps = routeMaps
    }
}

/// A route map, whether it is attached or not.
public struct RouteMapStatus: Codable, Hashable, Sendable {
    public let name: String
    /// In the order in which they are tried.
    public let entries: [RouteMapEntryStatus]

    public init(name: String, entries: [RouteMapEntryStatus]) {
        self.name = name
        self.entries = entries
    }
}

/// One entry of a route map.
public struct RouteMapEntryStatus: Codable, Hashable, Sendable {
    public enum Action: String, Codable, Hashable, Sendable, CaseIterable {
        case permit
        case deny
    }

    public let sequence: UInt16
    public let action: Action
    public let description: String?
    /// The lines of the running configuration; without one all packets match.
    public let match: [String]
    public let set: [String]
    /// Where packets can meet the entry, in the order of interface and family.
    public let attachments: [RouteMapAttachment]

    public init(
        sequence: UInt16, action: Action, description: String?, match: [String], set: [String],
        attachments: [RouteMapAttachment]
    ) {
        self.sequence = sequence
        self.action = action
        self.description = description
        self.match = match
        self.set = set
        self.attachments = attachments
    }
}

/// An entry of a route map where the map is attached.
public struct RouteMapAttachment: Codable, Hashable, Sendable {
    public enum Family: String, Codable, Hashable, Sendable, CaseIterable {
        case ipv4
        case ipv6
    }

    public let interface: String
    public let family: Family
    public let direction: ServiceDirection
    /// Packets that the entry took since its counters were last cleared.
    public let matched: TrafficCount
    /// Those of them that none of the entry's next hops could take.
    public let withoutNextHop: TrafficCount
    /// In the order in which they are tried, for each VRF whose packets pass here.
    public let nextHops: [RouteMapNextHop]

    public init(
        interface: String, family: Family, direction: ServiceDirection, matched: TrafficCount,
        withoutNextHop: TrafficCount,
        nextHops: [RouteMapNextHop]
    ) {
        self.interface = interface
        self.family = family
        self.direction = direction
        self.matched = matched
        self.withoutNextHop = withoutNextHop
        self.nextHops = nextHops
    }
}

/// A next hop of an attached route map, in one VRF.
public struct RouteMapNextHop: Codable, Hashable, Sendable {
    public let vrf: String
    public let address: IPAddress
    /// Whether packets go where the address is routed; otherwise it is a neighbor's.
    public let isRecursive: Bool
    /// The circuit that it is a neighbor on, or where its route leads, a circuit or a unit; `nil`: none.
    public let interface: String?
    /// Whether the neighbor is resolved, so that packets are sent there.
    public let isUp: Bool

    public init(vrf: String, address: IPAddress, isRecursive: Bool = false, interface: String?, isUp: Bool) {
        self.vrf = vrf
        self.address = address
        self.isRecursive = isRecursive
        self.interface = interface
        self.isUp = isUp
    }
}

extension RouteMapsResult {
    /// For each route map its name and a table of its entries, with a row for each place where an entry is attached.
    public func text(_ style: TextStyle) -> String {
        guard !routeMaps.isEmpty else { return "no route maps\n" }
        return routeMaps.map { $0.text(style) }.joined(separator: "\n")
    }
}

extension RouteMapStatus {
    fileprivate func text(_ style: TextStyle) -> String {
        var table = TextTable(
            [
                .number("SEQUENCE"), .name("ACTION"), .name("INTERFACE"), .name("FAMILY"), .name("DIRECTION"),
                .number("PACKETS"),
                .number("BYTES"), .number("WITHOUT NEXT HOP"), .name("NEXT HOPS"), .name("STATEMENTS"),
            ], emptyText: "no entries")
        for entry in entries {
            let statements = (entry.match + entry.set).joined(separator: ", ")
            let head = [
                TextTable.Cell(entry.sequence), TextTable.Cell(entry.action.rawValue),
            ]
            for (index, attachment) in entry.attachments.enumerated() {
                table.append(
                    (index == 0 ? head : ["", ""]) + attachment.cells
                        + [index == 0 ? TextTable.Cell(statements.isEmpty ? nil : statements) : ""])
            }
            if entry.attachments.isEmpty {
                table.append(
                    head + Array(repeating: "-", count: 7)
                        + [TextTable.Cell(statements.isEmpty ? nil : statements)])
            }
        }
        let title = "route map \(name)".withoutControlCharacters
        return style.show(title, as: .heading) + "\n" + table.text(style)
    }
}

extension RouteMapAttachment {
    fileprivate var cells: [TextTable.Cell] {
        let isDown = nextHops.contains { !$0.isUp }
        return [
            TextTable.Cell(interface), TextTable.Cell(family.rawValue),
            TextTable.Cell(direction.rawValue), TextTable.Cell(matched.packets),
            TextTable.Cell(matched.bytes),
            TextTable.Cell(withoutNextHop.packets, withoutNextHop.packets > 0 ? .warning : .none),
            TextTable.Cell(
                nextHops.isEmpty ? "-" : nextHops.map(\.words).joined(separator: ", "), isDown ? .warning : .none),
        ]
    }
}

extension RouteMapNextHop {
    fileprivate var words: String {
        guard let interface else { return "\(address) no \(isRecursive ? "route" : "neighbor") of vrf \(vrf)" }
        return "\(address)\(isRecursive ? " recursive" : "") on \(interface) \(isUp ? "up" : "down")"
    }
}
