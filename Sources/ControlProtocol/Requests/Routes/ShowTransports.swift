import Addressing

/// `show.transports`: how PEs of the operator's own network are reached, and the ways that are known.
public struct ShowTransports: ParameterlessRequest {
    public typealias Answer = TransportsResult
    public static let method = "show.transports"

    public init() {}
}

/// Answer to `show.transports`.
public struct TransportsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.transports/1"
    public private(set) var schema = TransportsResult.schemaIdentifier

    /// The PEs that routes name, in the order of their addresses.
    public let providers: [ProviderTransport]
    /// In the order of the prefixes, and of one prefix in the order in which they are tried.
    public let ways: [TransportWay]

    public init(providers: [ProviderTransport], ways: [TransportWay]) {
        self.providers = providers
        self.ways = ways
    }
}

/// What says where a transport leads.
public enum TransportOrigin: String, Codable, Hashable, Sendable, CaseIterable {
    /// The PE is on a core interface's subnet.
    case connected
    /// `mpls static binding`.
    case staticBinding = "static_binding"
    /// BGP labelled unicast (RFC 8277).
    case labelledUnicast = "labelled_unicast"
    /// FRR beside the box.
    case frr
    /// MPLS over UDP.
    case udp
}

/// The first router of a way, and all that is pushed for it.
public struct TransportLink: Codable, Hashable, Sendable {
    public let interface: String
    public let router: IPAddress
    /// What stands above the label that the PE gave, the outermost first.
    public let labels: [MPLSLabel]
    /// The box's end of the MPLS over UDP tunnel that the labels are in; `nil`: they follow the Ethernet header.
    public let tunnelSource: IPAddress?
    /// Whether the router's Ethernet address is known.
    public let isResolved: Bool

    public init(
        interface: String, router: IPAddress, labels: [MPLSLabel], tunnelSource: IPAddress? = nil, isResolved: Bool
    ) {
        self.interface = interface
        self.router = router
        self.labels = labels
        self.tunnelSource = tunnelSource
        self.isResolved = isResolved
    }
}

/// How a PE is reached.
public struct ProviderTransport: Codable, Hashable, Sendable {
    public let provider: IPAddress
    public let origin: TransportOrigin?
    /// `nil` where nothing leads to it.
    public let link: TransportLink?
    /// Why nothing does.
    public let obstacle: String?

    public init(provider: IPAddress, origin: TransportOrigin?, link: TransportLink?, obstacle: String?) {
        self.provider = provider
        self.origin = origin
        self.link = link
        self.obstacle = obstacle
    }
}

/// A way to the PEs of a prefix.
public struct TransportWay: Codable, Hashable, Sendable {
    public let prefix: IPPrefix
    public let origin: TransportOrigin
    /// `nil`: MPLS over UDP to each PE itself.
    public let nextHop: IPAddress?
    /// What its source says is to be pushed, the outermost first; none for implicit null.
    public let labels: [MPLSLabel]
    /// Where it begins; `nil` where it leads nowhere.
    public let link: TransportLink?
    /// Why it leads nowhere.
    public let obstacle: String?

    public init(
        prefix: IPPrefix, origin: TransportOrigin, nextHop: IPAddress?, labels: [MPLSLabel], link: TransportLink?,
        obstacle: String?
    ) {
        self.prefix = prefix
        self.origin = origin
        self.nextHop = nextHop
        self.labels = labels
        self.link = link
        self.obstacle = obstacle
    }
}

extension TransportsResult: TabularResult {
    /// The PEs.
    public func table() -> TextTable {
        var table = TextTable(
            [.name("PE"), .name("BY"), .name("ROUTER"), .name("INTERFACE"), .name("LABELS"), .name("STATE")],
            emptyText: "no route names a PE")
        for provider in providers {
            table.append([
                TextTable.Cell(provider.provider), TextTable.Cell(provider.origin?.text),
                TextTable.Cell(provider.link?.router), TextTable.Cell(provider.link?.interface),
                provider.link.map(Self.pushed) ?? "-", Self.state(provider.link, provider.obstacle),
            ])
        }
        return table
    }

    /// The PEs, then the ways.
    public func text(_ style: TextStyle) -> String {
        guard !ways.isEmpty else { return table().text(style) }
        var known = TextTable(
            [
                .name("WAY TO"), .name("BY"), .name("NEXT HOP"), .name("LABELS"), .name("ROUTER"), .name("PUSHED"),
                .name("STATE"),
            ], emptyText: "")
        for way in ways {
            known.append([
                TextTable.Cell(way.prefix), TextTable.Cell(way.origin.text), TextTable.Cell(way.nextHop),
                way.nextHop == nil ? "-" : Self.labels(way.labels), TextTable.Cell(way.link?.router),
                way.link.map(Self.pushed) ?? "-", Self.state(way.link, way.obstacle),
            ])
        }
        return table().text(style) + "\n" + known.text(style)
    }

    private static func pushed(_ link: TransportLink) -> TextTable.Cell {
        guard link.tunnelSource != nil else { return labels(link.labels) }
        return link.labels.isEmpty
            ? "UDP" : TextTable.Cell("UDP " + link.labels.map(\.description).joined(separator: " "))
    }

    private static func labels(_ labels: [MPLSLabel]) -> TextTable.Cell {
        labels.isEmpty ? "implicit-null" : TextTable.Cell(list: labels)
    }

    private static func state(_ link: TransportLink?, _ obstacle: String?) -> TextTable.Cell {
        guard let link else { return TextTable.Cell(obstacle, .bad) }
        return link.isResolved ? "usable" : TextTable.Cell("the router does not answer", .bad)
    }
}

extension TransportOrigin {
    fileprivate var text: String {
        switch self {
        case .connected: "connected"
        case .staticBinding: "static binding"
        case .labelledUnicast: "labelled unicast"
        case .frr: "FRR"
        case .udp: "MPLS over UDP"
        }
    }
}
