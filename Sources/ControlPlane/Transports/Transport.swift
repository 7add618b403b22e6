import Addressing
import CTableLayout

/// A transport to a PE: how packets under a label that it gave get there.
package struct Transport: Hashable, Sendable {
    /// The first router.
    package let router: NeighborKey
    /// What stands above the VPN's label, the outermost first.
    package let labels: [MPLSLabel]
    /// What says so.
    package let source: TransportSource
    /// What the label stack is in; `nil`: it follows the Ethernet header.
    package var tunnel: UDPTunnel?

    /// The same with one label more, innermost of all; `nil`: more than a packet can get.
    func with(_ outer: MPLSLabel?) -> Transport? {
        guard let outer else { return self }
        guard labels.count < Int(STILE_TRANSPORT_LABELS) else { return nil }
        return Transport(router: router, labels: labels + [outer], source: source, tunnel: tunnel)
    }
}

/// What says where a transport leads. Of two for the same prefix the smaller is taken; a longer prefix comes before that.
package enum TransportSource: Int, Hashable, Sendable, Comparable, CaseIterable {
    /// The PE is on a core interface's subnet, and its own last router.
    case connected
    /// `mpls static binding`.
    case staticBinding
    /// BGP labelled unicast (RFC 8277).
    case labelledUnicast
    /// An IGP or LDP engine beside the box, by FRR's forwarding plane manager.
    case frr
    /// A prefix of PEs that are reached by MPLS over UDP.
    case udp

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension TransportSource: CustomStringConvertible {
    /// As operators are told.
    package var description: String {
        switch self {
        case .connected: "connected"
        case .staticBinding: "static binding"
        case .labelledUnicast: "labelled unicast"
        case .frr: "FRR"
        case .udp: "MPLS over UDP"
        }
    }
}

/// A way to the PEs of a prefix that something other than the configuration knows.
package struct LearntWay: Hashable, Sendable {
    package let nextHop: IPAddress
    /// The core interface that the next hop is on, where the source knows it: a link-local address is on each of them.
    package let interface: InterfaceNumber?
    /// What stands above the label of the VPN, the outermost first; none for implicit null.
    package let labels: [MPLSLabel]

    package init(nextHop: IPAddress, interface: InterfaceNumber? = nil, labels: [MPLSLabel]) {
        self.nextHop = nextHop
        self.interface = interface
        self.labels = labels
    }
}

/// MPLS over UDP (RFC 7510) from the box to a PE.
package struct UDPTunnel: Hashable, Sendable {
    /// The loopback's address, of the destination's family.
    package let source: IPAddress
    package let destination: IPAddress
    package let hasChecksum: Bool

    package init(source: IPAddress, destination: IPAddress, hasChecksum: Bool) {
        self.source = source
        self.destination = destination
        self.hasChecksum = hasChecksum
    }
}

/// Why no transport leads to a PE.
package enum TransportObstacle: Error, Hashable, Sendable {
    /// Nothing is known of a way to it.
    case noWay
    /// A way's next hop is on no core interface's subnet, and no other way leads to it.
    case unreachableNextHop(IPAddress, TransportSource)
    /// MPLS over UDP is for PEs whose routes say that they take it, and this one's do not.
    case tunnelNotOffered
    /// More labels than a packet can get.
    case tooManyLabels(Int, TransportSource)
}

extension TransportObstacle: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noWay: "no transport leads there"
        case .unreachableNextHop(let address, let source):
            "no transport leads there: nothing leads to \(address), the next hop by \(source)"
        case .tunnelNotOffered: "no transport leads there: none of its routes says that it takes MPLS over UDP"
        case .tooManyLabels(let count, let source):
            "no transport leads there: the way by \(source) takes \(count) labels, which is too many"
        }
    }
}
