/// `show.drops`: dropped packets by interface and reason.
public struct ShowDrops: ControlRequest {
    public typealias Answer = DropsResult
    public static let method = "show.drops"

    /// Only this interface; all if `nil`.
    public var interface: String?

    public init(interface: String? = nil) { self.interface = interface }
}

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

extension DropsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [.name("INTERFACE"), .name("REASON"), .name("CLASS"), .number("PACKETS"), .name("MEANING")],
            emptyText: "nothing was dropped")
        for drop in drops {
            table.append([
                TextTable.Cell(drop.interface), TextTable.Cell(drop.reason), TextTable.Cell(drop.dropClass.rawValue),
                TextTable.Cell(drop.packets), TextTable.Cell(drop.help),
            ])
        }
        return table
    }
}
