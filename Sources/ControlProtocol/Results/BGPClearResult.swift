import Addressing

/// Answer to `bgp.clear`.
public struct BGPClearResult: ControlResult {
    public static let schemaIdentifier = "stile.bgp.clear/1"
    public private(set) var schema = BGPClearResult.schemaIdentifier

    /// The neighbors whose sessions were reset or whose routes were asked for again.
    public let neighbors: [IPAddress]
    public let isSoft: Bool

    public init(neighbors: [IPAddress], isSoft: Bool) {
        self.neighbors = neighbors
        self.isSoft = isSoft
    }
}
