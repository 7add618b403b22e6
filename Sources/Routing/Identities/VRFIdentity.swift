import Addressing

/// Which VRF something belongs to: its name **and** its route distinguisher. A VRF that comes back under its old name
/// with another route distinguisher is another customer, and inherits nothing.
public struct VRFIdentity: Hashable, Sendable, Comparable {
    public let name: String
    public let routeDistinguisher: RouteDistinguisher

    public init(name: String, routeDistinguisher: RouteDistinguisher) {
        self.name = name
        self.routeDistinguisher = routeDistinguisher
    }

    public static func < (a: Self, b: Self) -> Bool {
        (a.name, a.routeDistinguisher) < (b.name, b.routeDistinguisher)
    }
}

extension VRFIdentity: CustomStringConvertible {
    public var description: String { "\(name) rd \(routeDistinguisher)" }
}
