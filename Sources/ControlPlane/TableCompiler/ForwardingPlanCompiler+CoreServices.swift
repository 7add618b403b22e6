import Addressing
import Configuration

/// What the box listens to on its own addresses on a core interface.
extension ForwardingPlanCompiler {
    /// BGP from and to internal neighbors, and echo: of the link, and from where the default table leads to the loopback.
    /// A router that something leads to is known by a service of its own. MPLS over UDP from the PEs that are reached by
    /// it.
    func coreServices(on interface: Interface) -> [LocalService] {
        var services = echoServices(on: interface)
        let loopbacks = configuration.loopback?.addresses ?? [:]
        let reachable = configuration.defaultTableRoutes.map(\.prefix) + interface.addresses.map(\.subnet)
        for prefix in reachable {
            guard let local = loopbacks[prefix.family] else { continue }
            for type in Self.echoTypes(prefix.family) {
                services.append(LocalService(local: local, remote: prefix, kind: .icmp(type: type)))
            }
        }
        let routers = configuration.defaultTableRoutes.map(\.nextHop) + configuration.staticBindings.map(\.nextHop)
        for router in Set(routers) {
            guard let own = interface.addresses.first(where: { $0.subnet.contains(router) }) else { continue }
            for type in Self.echoTypes(router.family) {
                services.append(
                    LocalService(local: own.address, remote: IPPrefix(host: router), kind: .icmp(type: type)))
            }
        }
        for tunnels in tunnels {
            let kind = tunnels.hasChecksum ? LocalService.Kind.tunnel : .tunnelWithoutChecksum
            services.append(LocalService(local: tunnels.source, remote: tunnels.prefix, kind: kind))
        }
        for session in index.internalSessions where !session.isShutdown {
            guard let local = index.localAddress(towardsInternal: session) else { continue }
            for (localPort, remotePort) in [(bgpPort, 0), (0, bgpPort)] {
                services.append(
                    LocalService(
                        local: local, remote: IPPrefix(host: session.address),
                        kind: .bgp(localPort: localPort, remotePort: remotePort)))
            }
        }
        if hostDevice(of: interface) != nil { services += routingServices(on: interface) }
        return Set(services + listedSessions(onNNI: nil)).sorted()
    }

    /// What the routing engine is sent to one of the box's addresses, or to the link-local one: OSPF (RFC 2328 §A.1),
    /// LDP (RFC 5036 §3.10) and BFD (RFC 5881 §4, RFC 5883 §5). Anybody can send from LDP's port, to any port of the
    /// host: from there only what belongs to a connection is taken.
    private func routingServices(on interface: Interface) -> [LocalService] {
        var own = interface.addresses.map(\.address)
        for loopback in (configuration.loopback?.addresses ?? [:]).values { own.append(loopback) }
        let linkLocal = hardwareAddress(of: interface.name.port).flatMap {
            NeighborInterface.linkLocal(of: $0, with: interface.addresses)
        }
        if let linkLocal { own.append(.ipv6(linkLocal)) }
        let (ospf, tcp, udp): (UInt8, UInt8, UInt8) = (89, 6, 17)
        let kinds: [LocalService.Kind] =
            [
                .routing(protocolNumber: ospf, localPort: 0, remotePort: 0),
                .routing(protocolNumber: tcp, localPort: 646, remotePort: 0),
                .routingAnswer(remotePort: 646),
                .routing(protocolNumber: udp, localPort: 646, remotePort: 0),
            ] + [3784, 3785, 4784].map { .routing(protocolNumber: udp, localPort: $0, remotePort: 0) }
        return own.flatMap { local in
            kinds.map { LocalService(local: local, remote: .everything(local.family), kind: $0) }
        }
    }
}
