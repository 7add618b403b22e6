import ControlProtocol

/// What a running Stile says of itself, as far as streams are made of it.
public struct SocketSnapshot: Sendable {
    public var ports: [PortStatus]
    public var interfaces: [InterfaceStatus]
    public var vrfs: [VRFStatus]
    public var labels: [ValidLabel]
    public var routes: [VRFRoute]

    public init(
        ports: [PortStatus], interfaces: [InterfaceStatus], vrfs: [VRFStatus], labels: [ValidLabel], routes: [VRFRoute]
    ) {
        self.ports = ports
        self.interfaces = interfaces
        self.vrfs = vrfs
        self.labels = labels
        self.routes = routes
    }

    /// The ports of the daemon at a control socket.
    ///
    /// - Throws: `TrafficError` with `noDaemon`.
    public static func ports(socketPath: String) throws(TrafficError) -> [PortStatus] {
        do {
            guard case .ports(let result) = try ControlClient(socketPath: socketPath).send(.showPorts) else {
                return []
            }
            return result.ports
        } catch {
            throw TrafficError(.noDaemon, "\(error)")
        }
    }

    /// Asks the daemon at a control socket.
    ///
    /// - Parameters:
    ///   - vrfs: only these; all if empty.
    ///   - routeLimit: the most routes of a VRF; a million routes take 500 requests.
    /// - Throws: `TrafficError` with `noDaemon`.
    public init(socketPath: String, vrfs wanted: [String], routeLimit: Int) throws(TrafficError) {
        let client = ControlClient(socketPath: socketPath)
        func ask(_ request: ControlRequest) throws(TrafficError) -> ControlResponse {
            do { return try client.send(request) } catch {
                throw TrafficError(.noDaemon, "\(error)")
            }
        }
        func unexpected(_ request: String) -> TrafficError {
            TrafficError(.noDaemon, "the daemon answers \(request) with something else")
        }
        guard case .ports(let ports) = try ask(.showPorts) else { throw unexpected("show.ports") }
        guard case .interfaces(let interfaces) = try ask(.showInterfaces(InterfaceQuery())) else {
            throw unexpected("show.interfaces")
        }
        guard case .vrfs(let vrfs) = try ask(.showVRFs) else { throw unexpected("show.vrfs") }
        guard case .labels(let labels) = try ask(.showLabels) else { throw unexpected("show.labels") }
        var routes: [VRFRoute] = []
        for vrf in vrfs.vrfs.map(\.name) where wanted.isEmpty || wanted.contains(vrf) {
            var cursor: String?
            var count = 0
            repeat {
                let query = RoutesQuery(vrf: vrf, page: Page(cursor: cursor))
                guard case .routes(let page) = try ask(.showRoutes(query)) else { throw unexpected("show.routes") }
                let taken = page.routes.prefix(routeLimit - count)
                routes += taken
                count += taken.count
                cursor = page.nextCursor
            } while cursor != nil && count < routeLimit
        }
        self.init(
            ports: ports.ports, interfaces: interfaces.interfaces,
            vrfs: vrfs.vrfs.filter { wanted.isEmpty || wanted.contains($0.name) },
            labels: labels.labels.filter { wanted.isEmpty || wanted.contains($0.vrf) }, routes: routes)
    }
}
