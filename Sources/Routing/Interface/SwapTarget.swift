import Addressing
import BGP

/// Where a packet goes whose label is swapped (RFC 3031 §3.13): by whom, and under which labels; and what it has to be.
public struct SwapTarget: Hashable, Sendable, Comparable {
    public enum Way: Hashable, Sendable, Comparable {
        /// A neighbor on an NNI.
        case neighbor(NeighborIdentity)
        /// A PE or border router in the core, by the transport to it.
        case provider(IPAddress)
    }

    /// As many labels take a label's place as a route may come with, beside those of a transport.
    public static let mostLabels = LabelStack.mostReceived

    public let way: Way
    /// What takes the label's place, the outermost first; empty: nothing does, and the rest of the stack goes on.
    public let labels: [MPLSLabel]

    /// What has to stand under the label.
    public let stack: SwappedStack

    public init(way: Way, labels: [MPLSLabel], under stack: SwappedStack = .packet) {
        self.way = way
        self.labels = labels
        self.stack = stack
    }

    public static func < (a: Self, b: Self) -> Bool {
        if a.way != b.way { return a.way < b.way }
        if a.labels != b.labels { return a.labels.lexicographicallyPrecedes(b.labels) }
        return a.stack < b.stack
    }
}

extension SwapTarget: CustomStringConvertible {
    public var description: String {
        let labels = labels.isEmpty ? "no label" : "label \(self.labels.map(\.description).joined(separator: "/"))"
        let place =
            switch way {
            case .neighbor(let neighbor): "\(labels) by \(neighbor.address) on \(neighbor.nni)"
            case .provider(let address): "\(labels) by \(address) over \(NeighborIdentity.core)"
            }
        return stack == .packet ? place : "\(place), \(stack)"
    }
}
