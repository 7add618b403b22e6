import Addressing
import BGP

/// Where a prefix of labelled unicast leads for a neighbor that is told it, and by which path.
struct WayChoice {
    let target: SwapTarget
    /// `nil`: nothing is said of it but by its transport.
    let path: Path?

    /// A PE of the own network, by its transport.
    init(ofOwn host: IPAddress, under stack: SwappedStack) {
        target = SwapTarget(way: .provider(host), labels: [], under: stack)
        path = nil
    }

    /// - Parameter host: the address that the route is of; `nil`: it is of a prefix.
    init?(_ path: Path, _ nlri: NLRI, _ host: IPAddress?, under stack: SwappedStack) {
        self.path = path
        let received = path.neighbor.received.table(of: nlri)?.routes[nlri]?.labels
        // Nothing is pushed for implicit null.
        let labels = [received?.first, received?.second].compactMap { $0 }.filter { $0 != .implicitNull }
        if !path.isInternal {
            guard let identity = path.neighbor.inputs.identity else { return nil }
            target = SwapTarget(way: .neighbor(identity), labels: labels, under: stack)
        } else if let host {
            // A PE's transport has all that leads there, whichever source knows it.
            target = SwapTarget(way: .provider(host), labels: [], under: stack)
        } else {
            // A prefix is behind its next hop.
            guard let nextHop = path.attributes.nextHop?.resolvedAddress else { return nil }
            target = SwapTarget(way: .provider(nextHop), labels: labels, under: stack)
        }
    }
}
