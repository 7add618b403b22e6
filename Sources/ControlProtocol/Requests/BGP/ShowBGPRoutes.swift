import Addressing

/// `show.bgp.routes`: routes of the neighbors: VPN routes, labelled unicast ones, those of one VRF's neighbors, or what PEs signal by
/// MVPN and EVPN.
public struct ShowBGPRoutes: PagedRequest {
    public typealias Answer = BGPRoutesResult
    public static let method = "show.bgp.routes"

    public var family: BGPFamily
    public var view: BGPRoutesView
    public var neighbor: IPAddress?
    /// The VRF whose neighbors are meant: in the families `ipv4` and `ipv6`, and in no other.
    public var vrf: String?
    /// Only this prefix, whatever its route distinguisher.
    public var prefix: IPPrefix?
    public var page: Page

    public init(
        family: BGPFamily, view: BGPRoutesView, neighbor: IPAddress? = nil, vrf: String? = nil,
        prefix: IPPrefix? = nil, page: Page = Page()
    ) {
        self.family = family
        self.view = view
        self.neighbor = neighbor
        self.vrf = vrf
        self.prefix = prefix
        self.page = page
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        family = try container.decode(BGPFamily.self, forKey: .family)
        view = try container.decode(BGPRoutesView.self, forKey: .view)
        neighbor = try container.decodeIfPresent(IPAddress.self, forKey: .neighbor)
        vrf = try container.decodeIfPresent(String.self, forKey: .vrf)
        prefix = try container.decodeIfPresent(IPPrefix.self, forKey: .prefix)
        page = try container.decodeIfPresent(Page.self, forKey: .page) ?? Page()
    }
}

/// One page of the answer to `show.bgp.routes`.
public struct BGPRoutesResult: PagedResult {
    public static let schemaIdentifier = "stile.show.bgp.routes/1"
    public static let rowsKey = "routes"
    public private(set) var schema = BGPRoutesResult.schemaIdentifier

    public let family: BGPFamily
    public let view: BGPRoutesView
    public var routes: [BGPRoute]
    public var nextCursor: String?
    /// In the view `rejected`: how many rejections there were beside those of the routes that are kept, of all neighbors
    /// that were asked for.
    public let omittedCount: Int?

    public init(
        family: BGPFamily, view: BGPRoutesView, routes: [BGPRoute], nextCursor: String? = nil, omittedCount: Int? = nil
    ) {
        self.family = family
        self.view = view
        self.routes = routes
        self.nextCursor = nextCursor
        self.omittedCount = omittedCount
    }

    public var rows: [BGPRoute] {
        get { routes }
        set { routes = newValue }
    }
}

/// Which routes are meant.
public enum BGPRoutesView: String, Codable, Hashable, Sendable, CaseIterable {
    /// What neighbors sent and is kept.
    case received
    /// What they sent and counts as withdrawn, with the reason.
    case rejected
    /// Of those, what at least one VRF took.
    case imported
    /// What is sent to neighbors.
    case advertised
}

/// One route from or to one neighbor.
public struct BGPRoute: Codable, Hashable, Sendable {
    public let neighbor: IPAddress
    public let routeDistinguisher: RouteDistinguisher?
    /// `nil` for what PEs signal; ``route`` has that.
    public let prefix: IPPrefix?
    /// What identifies an MVPN or EVPN route beside its route distinguisher: type and fields in brackets.
    public let route: String?
    /// Attributes of a rejected route are not kept where they are large.
    public let nextHop: IPAddress?
    public let label: MPLSLabel?
    /// The one above it, where the route has two (RFC 8277 §2.3): that of a label space.
    public let outerLabel: MPLSLabel?
    /// What an EVPN route has in the place of a label where the encapsulation is VXLAN or one like it (RFC 8365 §5.1.3).
    public let vni: UInt32?
    /// By which tunnel multicast comes (RFC 6514 §5), in words.
    public let tunnel: String?
    /// The Ethernet segment that an EVPN route has beside what identifies it; `nil`: none.
    public let segment: String?
    /// The gateway of an EVPN route's prefix (RFC 9136 §3.1); `nil`: none.
    public let gateway: IPAddress?
    /// PE Distinguisher Labels (RFC 6514 §8); `nil` without the attribute.
    public let distinguisherLabels: [ShownDistinguisherLabel]?
    /// AS numbers separated by spaces, sets in braces.
    public let autonomousSystemPath: String?
    /// `igp`, `egp` or `incomplete`.
    public let origin: String?
    public let multiExitDiscriminator: UInt32?
    public let localPreference: UInt32?
    public let routeTargets: [RouteTarget]
    /// All other communities in text form.
    public let communities: [String]
    /// The VRFs that took it; for an advertised route the VRF that it comes from.
    public let vrfs: [String]
    /// Whether it is kept over a restart of the neighbor (RFC 4724).
    public let isStale: Bool
    public let changedAt: Timestamp
    /// Why it counts as withdrawn.
    public let rejection: BGPRouteRejection?
    /// Why the labels that it says of a tunnel or segment are placed nowhere or not believed (RFC 9573 §4.2), though it is kept and goes on.
    public let labelFault: BGPRouteRejection?

    public init(
        neighbor: IPAddress, routeDistinguisher: RouteDistinguisher? = nil, prefix: IPPrefix?, route: String? = nil,
        nextHop: IPAddress?,
        label: MPLSLabel? = nil, outerLabel: MPLSLabel? = nil, vni: UInt32? = nil, tunnel: String? = nil,
        segment: String? = nil, gateway: IPAddress? = nil, distinguisherLabels: [ShownDistinguisherLabel]? = nil,
        autonomousSystemPath: String?, origin: String?,
        multiExitDiscriminator: UInt32? = nil,
        localPreference: UInt32? = nil, routeTargets: [RouteTarget], communities: [String], vrfs: [String],
        isStale: Bool, changedAt: Timestamp, rejection: BGPRouteRejection? = nil,
        labelFault: BGPRouteRejection? = nil
    ) {
        self.neighbor = neighbor
        self.routeDistinguisher = routeDistinguisher
        self.prefix = prefix
        self.route = route
        self.nextHop = nextHop
        self.label = label
        self.outerLabel = outerLabel
        self.vni = vni
        self.tunnel = tunnel
        self.segment = segment
        self.gateway = gateway
        self.distinguisherLabels = distinguisherLabels
        self.autonomousSystemPath = autonomousSystemPath
        self.origin = origin
        self.multiExitDiscriminator = multiExitDiscriminator
        self.localPreference = localPreference
        self.routeTargets = routeTargets
        self.communities = communities
        self.vrfs = vrfs
        self.isStale = isStale
        self.changedAt = changedAt
        self.rejection = rejection
        self.labelFault = labelFault
    }
}

/// A label that tells in a shared tunnel from which PE a packet is.
public struct ShownDistinguisherLabel: Codable, Hashable, Sendable {
    public let provider: IPAddress
    public let label: MPLSLabel

    public init(provider: IPAddress, label: MPLSLabel) {
        self.provider = provider
        self.label = label
    }
}

/// Why a route counts as withdrawn, or its labels do.
public struct BGPRouteRejection: Codable, Hashable, Sendable {
    /// For programs, such as `as_path_loop`.
    public let reason: String
    /// For people.
    public let message: String

    public init(reason: String, message: String) {
        self.reason = reason
        self.message = message
    }
}

extension BGPRoutesResult: TabularResult {
    public func table() -> TextTable {
        guard view != .rejected else { return rejections() }
        guard !family.isSignalling else { return signalled() }
        var table = TextTable(
            [
                .name("RD"), .name("PREFIX"), .name("NEIGHBOR"), .name("NEXT HOP"), .number("LABEL"),
                .name(view == .advertised ? "FROM VRF" : "IN VRFS"), .name("ROUTE TARGETS"), .number("MED"),
                .name("ORIGIN"), .name("STALE"), .name("AS PATH"),
            ], emptyText: "no routes")
        for route in routes {
            table.append([
                TextTable.Cell(route.routeDistinguisher), TextTable.Cell(route.prefix), TextTable.Cell(route.neighbor),
                TextTable.Cell(route.nextHop), TextTable.Cell(labels: route.outerLabel, route.label),
                TextTable.Cell(list: route.vrfs),
                TextTable.Cell(list: route.routeTargets), TextTable.Cell(route.multiExitDiscriminator),
                TextTable.Cell(route.origin), TextTable.Cell(route.isStale ? "stale" : "-"),
                TextTable.Cell(route.autonomousSystemPath),
            ])
        }
        return table
    }
}

extension BGPRoutesResult {
    /// What PEs signal: no prefixes, and no VRF takes it.
    private func signalled() -> TextTable {
        var table = TextTable(
            [
                .name("RD"), .name("ROUTE"), .name("NEIGHBOR"), .name("NEXT HOP"), .number("LABEL"), .name("TUNNEL"),
                .name("BESIDE"), .name("ROUTE TARGETS"), .name("COMMUNITIES"), .name("STALE"),
                .name("LABELS UNUSED"),
            ], emptyText: "no routes")
        for route in routes {
            table.append([
                TextTable.Cell(route.routeDistinguisher), TextTable.Cell(route.route), TextTable.Cell(route.neighbor),
                TextTable.Cell(route.nextHop),
                route.vni.map { TextTable.Cell("vni \($0)") } ?? TextTable.Cell(route.label),
                TextTable.Cell(route.tunnel), TextTable.Cell(list: route.beside),
                TextTable.Cell(list: route.routeTargets), TextTable.Cell(list: route.communities),
                TextTable.Cell(route.isStale ? "stale" : "-"), TextTable.Cell(route.labelFault?.reason),
            ])
        }
        return table
    }

    private func rejections() -> TextTable {
        var table = TextTable(
            [
                .name("RD"), .name(family.isSignalling ? "ROUTE" : "PREFIX"), .name("NEIGHBOR"), .name("NEXT HOP"),
                .name("AS PATH"), .name("REASON"),
                .name("MEANING"),
            ], emptyText: "no rejected routes")
        for route in routes {
            table.append([
                TextTable.Cell(route.routeDistinguisher),
                family.isSignalling ? TextTable.Cell(route.route) : TextTable.Cell(route.prefix),
                TextTable.Cell(route.neighbor), TextTable.Cell(route.nextHop),
                TextTable.Cell(route.autonomousSystemPath),
                TextTable.Cell(route.rejection?.reason), TextTable.Cell(route.rejection?.message),
            ])
        }
        return table
    }

    public var closingRemark: String? {
        omittedCount.flatMap { $0 > 0 ? "\($0) more rejections are not listed" : nil }
    }
}

extension BGPRoutesResult: DirectlyWritten {
    var sizeEstimate: Int { 512 + routes.count * 512 }

    func write(to json: inout JSONText) {
        json.object { json in
            json.key("family")
            json.string(family.rawValue)
            if let nextCursor {
                json.key("next_cursor")
                json.string(nextCursor)
            }
            if let omittedCount {
                json.key("omitted_count")
                json.number(omittedCount)
            }
            json.key("routes")
            json.array(routes) { json, route in route.write(to: &json) }
            json.key("schema")
            json.string(schema)
            json.key("view")
            json.string(view.rawValue)
        }
    }
}

extension BGPRoute {
    /// What a route has beside what identifies it, but for label and tunnel.
    fileprivate var beside: [String] {
        [segment.map { "segment \($0)" }, gateway.map { "gateway \($0)" }].compactMap { $0 }
            + (distinguisherLabels ?? []).map { "pe \($0.provider) label \($0.label)" }
    }

    fileprivate func write(to json: inout JSONText) {
        json.object { json in
            if let autonomousSystemPath {
                json.key("autonomous_system_path")
                json.string(autonomousSystemPath)
            }
            json.key("changed_at")
            json.time(changedAt)
            json.key("communities")
            json.array(communities) { $0.string($1) }
            if let distinguisherLabels {
                json.key("distinguisher_labels")
                json.array(distinguisherLabels) { json, label in
                    json.object { json in
                        json.key("label")
                        json.number(label.label.rawValue)
                        json.key("provider")
                        json.address(label.provider)
                    }
                }
            }
            if let gateway {
                json.key("gateway")
                json.address(gateway)
            }
            json.key("is_stale")
            json.bool(isStale)
            if let label {
                json.key("label")
                json.number(label.rawValue)
            }
            if let labelFault { labelFault.write("label_fault", to: &json) }
            if let localPreference {
                json.key("local_preference")
                json.number(localPreference)
            }
            if let multiExitDiscriminator {
                json.key("multi_exit_discriminator")
                json.number(multiExitDiscriminator)
            }
            json.key("neighbor")
            json.address(neighbor)
            if let nextHop {
                json.key("next_hop")
                json.address(nextHop)
            }
            if let origin {
                json.key("origin")
                json.string(origin)
            }
            if let outerLabel {
                json.key("outer_label")
                json.number(outerLabel.rawValue)
            }
            if let prefix {
                json.key("prefix")
                json.prefix(prefix)
            }
            if let rejection { rejection.write("rejection", to: &json) }
            if let route {
                json.key("route")
                json.string(route)
            }
            if let routeDistinguisher {
                json.key("route_distinguisher")
                json.text(routeDistinguisher)
            }
            json.key("route_targets")
            json.array(routeTargets) { $0.text($1) }
            if let segment {
                json.key("segment")
                json.string(segment)
            }
            if let tunnel {
                json.key("tunnel")
                json.string(tunnel)
            }
            if let vni {
                json.key("vni")
                json.number(vni)
            }
            json.key("vrfs")
            json.array(vrfs) { $0.string($1) }
        }
    }
}

extension BGPRouteRejection {
    fileprivate func write(_ key: StaticString, to json: inout JSONText) {
        json.key(key)
        json.object { json in
            json.key("message")
            json.string(message)
            json.key("reason")
            json.string(reason)
        }
    }
}
