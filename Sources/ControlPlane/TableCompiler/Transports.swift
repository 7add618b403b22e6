import Addressing
import PacketFormats

/// The ways into the operator's own network: its interfaces, and by which of them PEs and the box's own neighbors are reached.
public struct CorePlan: Hashable, Sendable {
    /// One core interface's addresses.
    struct Link: Hashable, Sendable {
        let interface: InterfaceNumber
        let address: InterfaceAddress
    }

    /// Where packets to a prefix go.
    struct Way: Hashable, Sendable {
        let prefix: IPPrefix
        let router: IPAddress
        /// What stands above the label of the VPN, without class, bottom and TTL; of a static route none.
        var entries: [UInt32] = []
    }

    /// The own addresses there; the longest subnets first.
    var links: [Link] = []
    /// Routes of the default table, the longest prefixes first.
    var routes: [Way] = []
    /// Label bindings, the longest prefixes first.
    var bindings: [Way] = []
    var loopbacks: [AddressFamily: IPAddress] = [:]
    /// The routers that something leads to, which are asked for whether or not packets go there.
    private(set) var routers: Set<NeighborKey> = []

    /// To be called when the rest is there.
    mutating func findRouters() { routers = Set((routes + bindings).compactMap { router($0.router) }) }

    /// The router on a core interface that is an address, or that the box's own packets to an address go to.
    func neighbor(towards destination: IPAddress) -> NeighborKey? {
        if let key = router(destination) { return key }
        return routes.first { $0.prefix.contains(destination) }.flatMap { router($0.router) }
    }

    /// How packets under a label that a PE gave get there; `nil`: no transport leads there. A PE on a core interface's subnet
    /// is its own last router.
    func transport(to provider: IPAddress) -> Transport? {
        if let key = router(provider) { return Transport(router: key, entries: []) }
        guard let binding = bindings.first(where: { $0.prefix.contains(provider) }), let key = router(binding.router)
        else { return nil }
        return Transport(router: key, entries: binding.entries)
    }

    private func router(_ address: IPAddress) -> NeighborKey? {
        links.first { $0.address.subnet.contains(address) && $0.address.address != address }
            .map { NeighborKey(interface: $0.interface, address: address) }
    }
}

/// A transport to a PE.
struct Transport: Hashable {
    let router: NeighborKey
    /// The label stack entries above the VPN's, the outermost first, without class, bottom and TTL.
    let entries: [UInt32]
}
