import Addressing

/// `show.fpm`: what FRR beside the box has said, and whether it is there.
public struct ShowFPM: ParameterlessRequest {
    public typealias Answer = FPMResult
    public static let method = "show.fpm"

    public init() {}
}

/// Answer to `show.fpm`.
public struct FPMResult: ControlResult {
    public static let schemaIdentifier = "stile.show.fpm/1"
    public private(set) var schema = FPMResult.schemaIdentifier

    /// The port of 127.0.0.1 that is listened on; `nil`: none.
    public let port: UInt16?
    public let isConnected: Bool
    /// Since when it is connected, or its connection is lost; `nil` if it never was there.
    public let since: Timestamp?
    public let connections: UInt64
    public let messages: UInt64
    /// Connections that were ended because of what came by them.
    public let malformed: UInt64
    /// How many labels FRR has a meaning for.
    public let bindings: UInt64
    /// In the order of the prefixes.
    public let routes: [EngineRouteStatus]

    public init(
        port: UInt16?, isConnected: Bool, since: Timestamp?, connections: UInt64, messages: UInt64, malformed: UInt64,
        bindings: UInt64, routes: [EngineRouteStatus]
    ) {
        self.port = port
        self.isConnected = isConnected
        self.since = since
        self.connections = connections
        self.messages = messages
        self.malformed = malformed
        self.bindings = bindings
        self.routes = routes
    }
}

/// A route of FRR's that leaves by one of the box's interfaces.
public struct EngineRouteStatus: Codable, Hashable, Sendable {
    public let prefix: IPPrefix
    public let nextHop: IPAddress
    public let interface: String
    /// The outermost first.
    public let labels: [MPLSLabel]
    /// Whether packets of VPNs go by it; otherwise the box's own alone.
    public let isTransport: Bool
    /// Whether FRR has said it since it is connected; otherwise it is kept from before.
    public let isCurrent: Bool

    public init(
        prefix: IPPrefix, nextHop: IPAddress, interface: String, labels: [MPLSLabel], isTransport: Bool,
        isCurrent: Bool
    ) {
        self.prefix = prefix
        self.nextHop = nextHop
        self.interface = interface
        self.labels = labels
        self.isTransport = isTransport
        self.isCurrent = isCurrent
    }
}

extension FPMResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("PREFIX"), .name("NEXT HOP"), .name("INTERFACE"), .name("LABELS"), .name("TRANSPORT"),
                .name("STATE"),
            ], emptyText: "no routes of FRR")
        for route in routes {
            table.append([
                TextTable.Cell(route.prefix), TextTable.Cell(route.nextHop), TextTable.Cell(route.interface),
                route.labels.isEmpty ? "-" : TextTable.Cell(list: route.labels),
                TextTable.Cell(route.isTransport ? "yes" : "no"),
                TextTable.Cell(route.isCurrent ? "current" : "kept", route.isCurrent ? .good : .warning),
            ])
        }
        return table
    }

    /// Whether FRR is there and what has come, then its routes.
    public func text(_ style: TextStyle) -> String {
        let state = isConnected ? style.show("connected", as: .good) : style.show("not connected", as: .warning)
        let place = port.map { "port \($0)" } ?? "not listened to"
        let time = since.map { " since \($0)" } ?? ""
        return
            "FRR: \(place), \(state)\(time); \(connections) connections, \(messages) messages, \(malformed) malformed, "
            + "\(bindings) bindings\n" + table().text(style)
    }
}
