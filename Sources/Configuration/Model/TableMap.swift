/// A `table-map`: from the traffic class of a label to a DSCP, or from a DSCP to a traffic class.
public struct TableMap: Equatable, Sendable {
    public let name: String
    /// Both 0 to 63; to 7 where a traffic class is meant, which is checked where the map is used.
    public var entries: [UInt8: UInt8] = [:]
    /// What becomes of a value that no entry names.
    public var otherwise = Otherwise.copy

    public enum Otherwise: Equatable, Sendable {
        /// The value itself, as far as it fits: a class becomes the class selector and the other way round.
        case copy
        /// The packet stays as it is.
        case ignore
        case value(UInt8)
    }

    public init(name: String) {
        self.name = name
    }
}
