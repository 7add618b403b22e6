import Addressing

/// `show.routes`: installed routes of the VRFs.
public struct ShowRoutes: PagedRequest {
    public typealias Answer = RoutesResult
    public static let method = "show.routes"

    public enum Family: String, Codable, Hashable, Sendable, CaseIterable {
        case ipv4
        case ipv6
    }

    /// Only this VRF; all if `nil`.
    public var vrf: String?
    public var family: Family?
    /// Only this prefix.
    public var prefix: IPPrefix?
    /// Only the route that packets to this address go by: of those that cover it the one with the longest prefix.
    public var address: IPAddress?
    public var page: Page

    public init(
        vrf: String? = nil, family: Family? = nil, prefix: IPPrefix? = nil, address: IPAddress? = nil,
        page: Page = Page()
    ) {
        self.vrf = vrf
        self.family = family
        self.prefix = prefix
        self.address = address
        self.page = page
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        vrf = try container.decodeIfPresent(String.self, forKey: .vrf)
        family = try container.decodeIfPresent(Family.self, forKey: .family)
        prefix = try container.decodeIfPresent(IPPrefix.self, forKey: .prefix)
        address = try container.decodeIfPresent(IPAddress.self, forKey: .address)
        page = try container.decodeIfPresent(Page.self, forKey: .page) ?? Page()
    }
}

/// One page of the answer to `show.routes`.
public struct RoutesResult: PagedResult {
    public static let schemaIdentifier = "stile.show.routes/1"
    public static let rowsKey = "routes"
    public private(set) var schema = RoutesResult.schemaIdentifier

    /// In the order of VRF, family and prefix.
    public var routes: [VRFRoute]
    public var nextCursor: String?

    public init(routes: [VRFRoute], nextCursor: String? = nil) {
        self.routes = routes
        self.nextCursor = nextCursor
    }

    public var rows: [VRFRoute] {
        get { routes }
        set { routes = newValue }
    }
}

/// One route of a VRF as it is installed.
public struct VRFRoute: Codable, Hashable, Sendable {
    public enum Source: String, Codable, Hashable, Sendable, CaseIterable {
        case connected
        /// One of the box's own addresses.
        case local
        case staticRoute = "static"
        case bgp
    }

    public let vrf: String
    public let prefix: IPPrefix
    public let source: Source
    public let administrativeDistance: Int
    /// Empty for `local` and for a route to Null0.
    public let nextHops: [RouteNextHop]
    public let changedAt: Timestamp
    /// Whether packets go by it; otherwise the tables have no room for it, and it is tried again until it is there.
    public let isInstalled: Bool

    public init(
        vrf: String, prefix: IPPrefix, source: Source, administrativeDistance: Int, nextHops: [RouteNextHop],
        changedAt: Timestamp, isInstalled: Bool = true
    ) {
        self.vrf = vrf
        self.prefix = prefix
        self.source = source
        self.administrativeDistance = administrativeDistance
        self.nextHops = nextHops
        self.changedAt = changedAt
        self.isInstalled = isInstalled
    }
}

public struct RouteNextHop: Codable, Hashable, Sendable {
    /// `nil` for a connected subnet.
    public let address: IPAddress?
    /// The attachment circuit or the unit that packets leave by.
    public let interface: String
    /// The far end's label.
    public let label: MPLSLabel?
    /// The one above it, where the far end gave two: that of a label space.
    public let outerLabel: MPLSLabel?
    /// Whether the Ethernet address is known, so that packets leave at once.
    public let isResolved: Bool
    /// Whether it is that of the best of several BGP paths, which alone is told to others; `nil` where there is one, or none is better.
    public let isBest: Bool?

    public init(
        address: IPAddress? = nil, interface: String, label: MPLSLabel? = nil, outerLabel: MPLSLabel? = nil,
        isResolved: Bool, isBest: Bool? = nil
    ) {
        self.address = address
        self.interface = interface
        self.label = label
        self.outerLabel = outerLabel
        self.isResolved = isResolved
        self.isBest = isBest
    }
}

extension RoutesResult: TabularResult {
    public func table() -> TextTable {
        // Where paths stand beside each other.
        let hasBest = routes.contains { $0.nextHops.contains { $0.isBest != nil } }
        var table = TextTable(
            [
                .name("VRF"), .name("PREFIX"), .name("SOURCE"), .number("DISTANCE"), .name("NEXT HOP"),
                .name("INTERFACE"), .number("LABEL"), .name("RESOLVED"),
            ] + (hasBest ? [.name("BEST")] : []) + [.name("INSTALLED")], emptyText: "no routes")
        for route in routes {
            // One line for each next hop; the route's own columns stand on the first.
            let nextHops: [RouteNextHop?] = route.nextHops.isEmpty ? [nil] : route.nextHops
            for (index, nextHop) in nextHops.enumerated() {
                let isFirst = index == 0
                var cells: [TextTable.Cell] = [
                    isFirst ? TextTable.Cell(route.vrf) : "", isFirst ? TextTable.Cell(route.prefix) : "",
                    isFirst ? TextTable.Cell(route.source.rawValue) : "",
                    isFirst ? TextTable.Cell(route.administrativeDistance) : "",
                    TextTable.Cell(nextHop?.address), TextTable.Cell(nextHop?.interface),
                    TextTable.Cell(labels: nextHop?.outerLabel, nextHop?.label),
                    TextTable.Cell(nextHop.map { $0.isResolved ? "yes" : "no" }),
                ]
                if hasBest { cells.append(TextTable.Cell(nextHop?.isBest.map { $0 ? "yes" : "no" })) }
                cells.append(
                    isFirst ? route.isInstalled ? TextTable.Cell("yes") : TextTable.Cell("no room", .bad) : "")
                table.append(cells)
            }
        }
        return table
    }
}

extension RoutesResult: DirectlyWritten {
    var sizeEstimate: Int { 512 + routes.count * 256 }

    func write(to json: inout JSONText) {
        json.object { json in
            if let nextCursor {
                json.key("next_cursor")
                json.string(nextCursor)
            }
            json.key("routes")
            json.array(routes) { json, route in route.write(to: &json) }
            json.key("schema")
            json.string(schema)
        }
    }
}

extension VRFRoute {
    fileprivate func write(to json: inout JSONText) {
        json.object { json in
            json.key("administrative_distance")
            json.number(administrativeDistance)
            json.key("changed_at")
            json.time(changedAt)
            json.key("is_installed")
            json.bool(isInstalled)
            json.key("next_hops")
            json.array(nextHops) { json, hop in hop.write(to: &json) }
            json.key("prefix")
            json.prefix(prefix)
            json.key("source")
            json.string(source.rawValue)
            json.key("vrf")
            json.string(vrf)
        }
    }
}

extension RouteNextHop {
    fileprivate func write(to json: inout JSONText) {
        json.object { json in
            if let address {
                json.key("address")
                json.address(address)
            }
            json.key("interface")
            json.string(interface)
            if let isBest {
                json.key("is_best")
                json.bool(isBest)
            }
            json.key("is_resolved")
            json.bool(isResolved)
            if let label {
                json.key("label")
                json.number(label.rawValue)
            }
            if let outerLabel {
                json.key("outer_label")
                json.number(outerLabel.rawValue)
            }
        }
    }
}
