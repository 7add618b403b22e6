/// Answer to `show.drops`.
public struct DropsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.drops/1"
    public private(set) var schema = DropsResult.schemaIdentifier

    public let takenAt: Timestamp
    /// Counters above zero, in the order of interface and reason.
    public let drops: [InterfaceDrop]

    public init(takenAt: Timestamp, drops: [InterfaceDrop]) {
        self.takenAt = takenAt
        self.drops = drops
    }
}

/// One reason on one interface.
public struct InterfaceDrop: Codable, Hashable, Sendable {
    public let interface: String
    /// The reason's identifier, for instance `label_not_valid_here`.
    public let reason: String
    public let dropClass: DropClass
    public let packets: UInt64
    /// What the reason means, one sentence.
    public let help: String

    public init(interface: String, reason: String, dropClass: DropClass, packets: UInt64, help: String) {
        self.interface = interface
        self.reason = reason
        self.dropClass = dropClass
        self.packets = packets
        self.help = help
    }
}
