import Addressing

/// What the configuration says of the operator's own network: the interfaces there, and the ways to PEs and to the box's own
/// neighbors. What is learnt of ways to PEs is with these in ``CoreTransports``.
package struct CorePlan: Hashable, Sendable {
    /// One core interface's addresses.
    package struct Link: Hashable, Sendable {
        let interface: InterfaceNumber
        let address: InterfaceAddress

        package init(interface: InterfaceNumber, address: InterfaceAddress) {
            self.interface = interface
            self.address = address
        }
    }

    /// Where packets to a prefix go.
    package struct Way: Hashable, Sendable {
        let prefix: IPPrefix
        let router: IPAddress
        /// What stands above the label of the VPN, the outermost first; of a static route none.
        let labels: [MPLSLabel]

        package init(prefix: IPPrefix, router: IPAddress, labels: [MPLSLabel] = []) {
            self.prefix = prefix
            self.router = router
            self.labels = labels
        }
    }

    /// PEs that are reached by MPLS over UDP (RFC 7510), which is taken from them as well.
    package struct Tunnels: Hashable, Sendable {
        let prefix: IPPrefix
        /// The box's own address, of the prefix's family.
        let source: IPAddress
        let hasChecksum: Bool
        /// Whether those alone are reached by it whose routes say so (RFC 9012 §4.1).
        let isByCommunity: Bool

        package init(prefix: IPPrefix, source: IPAddress, hasChecksum: Bool, isByCommunity: Bool = false) {
            self.prefix = prefix
            self.source = source
            self.hasChecksum = hasChecksum
            self.isByCommunity = isByCommunity
        }
    }

    /// The own addresses there; the longest subnets first.
    let links: [Link]
    /// Routes of the default table, the longest prefixes first.
    let routes: [Way]
    /// Label bindings; a prefix has one.
    let bindings: [Way]
    /// A prefix has one.
    let tunnels: [Tunnels]
    let loopbacks: [AddressFamily: IPAddress]
    /// The routers that something leads to, which are asked for whether or not packets go there.
    let routers: Set<NeighborKey>

    /// - Parameter links: of interfaces that are not shut down.
    package init(
        links: [Link] = [], routes: [Way] = [], bindings: [Way] = [], tunnels: [Tunnels] = [],
        loopbacks: [AddressFamily: IPAddress] = [:]
    ) {
        let sorted = links.sorted {
            ($1.address.subnet.length, $0.interface) < ($0.address.subnet.length, $1.interface)
        }
        self.links = sorted
        self.routes = routes.sorted { ($1.prefix.length, $0.prefix) < ($0.prefix.length, $1.prefix) }
        self.bindings = bindings
        self.tunnels = tunnels
        self.loopbacks = loopbacks
        routers = Set((routes + bindings).compactMap { Self.router($0.router, on: sorted) })
    }

    /// The router on a core interface that is an address, or that the box's own packets to an address go to.
    func neighbor(towards destination: IPAddress) -> NeighborKey? {
        if let key = router(destination) { return key }
        return routes.first { $0.prefix.contains(destination) }.flatMap { router($0.router) }
    }

    /// The router with an address, which is on a core interface's subnet.
    func router(_ address: IPAddress) -> NeighborKey? { Self.router(address, on: links) }

    private static func router(_ address: IPAddress, on links: [Link]) -> NeighborKey? {
        links.first { $0.address.subnet.contains(address) && $0.address.address != address }
            .map { NeighborKey(interface: $0.interface, address: address) }
    }
}
