import Addressing
import BGP
import Configuration

/// From the configuration to what the speaker is told of each neighbor.
struct BGPNeighborCompiler {
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    /// The TCP port of both sides.
    let port: UInt16
    /// The name of the kernel's link to the NNIs; `nil`: VRFs have no links either, and no sessions.
    let linkName: String?

    private var configuration: Configuration { index.configuration }

    /// The neighbors in ascending order of their names.
    func neighbors() -> [NeighborConfiguration] {
        guard let bgp = configuration.bgp else { return [] }
        return index.sessions.compactMap { neighbor($0, of: bgp) }
    }

    private func neighbor(_ session: BGPSession, of bgp: BGPConfiguration) -> NeighborConfiguration? {
        let onLink = index.place(of: session.name)?.address.address
        let isInternal = session.vrf == nil && session.remoteAS == bgp.autonomousSystem
        var own = onLink ?? (isInternal ? index.localAddress(towardsInternal: session) : nil)
        var domain: AddressDomain?
        if session.vrf != nil {
            // A session in a VRF needs the circuit that its link is for.
            guard let peer = plan.peer(session.name), plan.interfaceOfPeer[peer] != nil, let vrf = peer.vrf,
                let linkName
            else { return nil }
            domain = AddressDomain(vrf: vrf, linkName: linkName)
            if session.address.isLinkLocal {
                guard let linkLocal = plan.linkLocal(towards: peer) else { return nil }
                own = linkLocal
            }
        } else if onLink != nil || isInternal {
            // By no other device: customers' subnets, which the kernel has on theirs, may be inside of this neighbor's.
            domain = linkName.map { AddressDomain(vrf: nil, device: $0) }
        }
        var neighbor = NeighborConfiguration(
            address: session.address, in: domain, localAutonomousSystem: bgp.autonomousSystem,
            remoteAutonomousSystem: session.remoteAS, families: session.families.keys.sorted().map(\.identifier))
        neighbor.port = port
        neighbor.localAddress = own
        neighbor.holdTimeSeconds = session.timers.holdSeconds
        neighbor.minimumHoldTimeSeconds = session.minimumHoldSeconds ?? 0
        neighbor.keepaliveSeconds = session.timers.keepaliveSeconds
        neighbor.passive = session.connectionMode == .passive
        neighbor.password = session.password
        neighbor.reach = reach(of: session, isOnLink: onLink != nil)
        neighbor.gracefulRestartSeconds = bgp.gracefulRestart?.restartTimeSeconds
        neighbor.extendedMessages = session.offersExtendedMessages
        // Whatever the policy: with the capability the session would change.
        neighbor.exchangesStacks = !isInternal
        neighbor.shutdown = session.isShutdown
        neighbor.shutdownReason = session.shutdownMessage ?? ""
        return neighbor
    }

    private func reach(of session: BGPSession, isOnLink: Bool) -> NeighborConfiguration.Reach {
        if let hops = session.ttlSecurityHops { return .timeToLiveSecurity(hops: hops) }
        return isOnLink ? .directlyConnected : .multihop(hops: 255)
    }

    /// The BGP identifier: what is configured, otherwise the loopback's address or the highest IPv4 address of the box, so
    /// that it does not depend on the order in which interfaces come up.
    static func routerIdentifier(of configuration: Configuration) -> IPv4Address {
        if let configured = configuration.bgp?.routerID { return configured }
        if case .ipv4(let loopback)? = configuration.loopback?.addresses[.ipv4] { return loopback }
        let own = configuration.interfaces.values.flatMap(\.addresses).compactMap { address -> IPv4Address? in
            if case .ipv4(let address) = address.address { address } else { nil }
        }
        // 192.0.2.1 (RFC 5737) for a box without any IPv4 address: an identifier must not be zero (RFC 6286).
        return own.max() ?? IPv4Address(192, 0, 2, 1)
    }
}
