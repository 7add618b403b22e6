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
            return try ControlClient(socketPath: socketPath).send(ShowPorts()).ports
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
        func ask<Request: ControlRequest>(_ request: Request) throws(TrafficError) -> Request.Answer {
            do { return try client.send(request) } catch {
                throw TrafficError(.noDaemon, "\(error)")
            }
        }
        let ports = try ask(ShowPorts())
        let interfaces = try ask(ShowInterfaces())
        let vrfs = try ask(ShowVRFs())
        let labels = try ask(ShowLabels())
        var routes: [VRFRoute] = []
        for vrf in vrfs.vrfs.map(\.name) where wanted.isEmpty || wanted.contains(vrf) {
            var cursor: String?
            var count = 0
            repeat {
                let page = try ask(ShowRoutes(vrf: vrf, page: Page(cursor: cursor)))
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
