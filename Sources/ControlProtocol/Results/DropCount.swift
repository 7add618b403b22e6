/// What kind of trouble a drop is: kept apart, so that a policy at work is not taken for a broken link.
public enum DropClass: String, Codable, Hashable, Sendable, CaseIterable {
    case interfaceError = "interface_error"
    case security
    case policy
    case noRoute = "no_route"
    case resources
}

/// How many packets were dropped for one reason.
public struct DropCount: Codable, Hashable, Sendable {
    /// The reason's identifier, for instance `label_not_valid_here`.
    public let reason: String
    public let dropClass: DropClass
    public let packets: UInt64

    public init(reason: String, dropClass: DropClass, packets: UInt64) {
        self.reason = reason
        self.dropClass = dropClass
        self.packets = packets
    }
}
