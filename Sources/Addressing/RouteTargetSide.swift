/// Where route targets of a VRF hold that do not hold everywhere: two operators rarely share a numbering.
public enum RouteTargetSide: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Towards the operator's own network.
    case core
    /// Towards the neighbors on all NNIs.
    case everyNNI
    /// Towards one neighbor on an NNI.
    case nni(neighbor: IPAddress)

    /// As the configuration says it.
    public var description: String {
        switch self {
        case .core: "core"
        case .everyNNI: "nni"
        case .nni(let neighbor): "nni \(neighbor)"
        }
    }
}

/// The route targets that hold on one side.
public struct RouteTargetPolicy: Hashable, Sendable {
    /// Routes with one of them are taken.
    public var imported: Set<RouteTarget> = []
    /// Routes that are given away get all of them.
    public var exported: Set<RouteTarget> = []

    public init() {}
}
