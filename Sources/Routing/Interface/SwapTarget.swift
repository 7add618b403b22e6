import Addressing
import BGP

/// Where a packet goes whose label is swapped (RFC 3031 §3.13): by whom, and under which labels.
public struct SwapTarget: Hashable, Sendable, Comparable {
    public enum Way: Hashable, Sendable, Comparable {
        /// A neighbor on an NNI.
        case neighbor(NeighborIdentity)
        /// A PE or border router in the core, by the transport to it.
        case provider(IPAddress)
    }

    public let way: Way
    /// What takes the label's place, the outermost first; empty: nothing does, and the rest of the stack goes on.
    public let labels: [MPLSLabel]

    public init(way: Way, labels: [MPLSLabel]) {
        self.way = way
        self.labels = labels
    }

    public static func < (a: Self, b: Self) -> Bool {
        a.way == b.way ? a.labels.lexicographicallyPrecedes(b.labels) : a.way < b.way
    }
}

extension SwapTarget: CustomStringConvertible {
    public var description: String {
        let labels = labels.isEmpty ? "no label" : "label \(self.labels.map(\.description).joined(separator: "/"))"
        return switch way {
        case .neighbor(let neighbor): "\(labels) by \(neighbor.address) on \(neighbor.nni)"
        case .provider(let address): "\(labels) by \(address) over \(NeighborIdentity.core)"
        }
    }
}
