import Addressing
import BGP
import Configuration

/// From the configuration to what the speaker is told of each neighbor.
struct BGPNeighborCompiler {
    let index: ConfigurationIndex
    /// The TCP port of both sides.
    let port: UInt16

    private var configuration: Configuration { index.configuration }

    /// The neighbors in ascending order of their addresses.
    func neighbors() -> [NeighborConfiguration] {
        guard let bgp = configuration.bgp else { return [] }
        return index.sessions.map { neighbor($0, of: bgp, at: index.nni(towards: $0.address)?.address.address) }
    }

    private func neighbor(_ session: BGPSession, of bgp: BGPConfiguration, at own: IPAddress?) -> NeighborConfiguration
    {
        var neighbor = NeighborConfiguration(
            address: session.address, localAutonomousSystem: bgp.autonomousSystem,
            remoteAutonomousSystem: session.remoteAS,
            families: session.families.keys.sorted().map { .vpn($0.addressFamily) })
        neighbor.port = port
        neighbor.localAddress = own
        neighbor.holdTimeSeconds = session.timers.holdSeconds
        neighbor.minimumHoldTimeSeconds = session.minimumHoldSeconds ?? 0
        neighbor.keepaliveSeconds = session.timers.keepaliveSeconds
        neighbor.passive = session.connectionMode == .passive
        neighbor.password = session.password
        neighbor.reach = reach(of: session, isOnNNI: own != nil)
        neighbor.gracefulRestartSeconds = bgp.gracefulRestart?.restartTimeSeconds
        neighbor.extendedMessages = session.offersExtendedMessages
        neighbor.shutdown = session.isShutdown
        neighbor.shutdownReason = session.shutdownMessage ?? ""
        return neighbor
    }

    private func reach(of session: BGPSession, isOnNNI: Bool) -> NeighborConfiguration.Reach {
        if let hops = session.ttlSecurityHops { return .timeToLiveSecurity(hops: hops) }
        return isOnNNI ? .directlyConnected : .multihop(hops: 255)
    }

    /// The BGP identifier: what is configured, otherwise the highest IPv4 address of the box, so that it does not
    /// depend on the order in which interfaces come up.
    func routerIdentifier() -> IPv4Address {
        if let configured = configuration.bgp?.routerID { return configured }
        let own = configuration.interfaces.values.flatMap(\.addresses).compactMap { address -> IPv4Address? in
            if case .ipv4(let address) = address.address { address } else { nil }
        }
        // 192.0.2.1 (RFC 5737) for a box without any IPv4 address: an identifier must not be zero (RFC 6286).
        return own.max() ?? IPv4Address(192, 0, 2, 1)
    }
}
