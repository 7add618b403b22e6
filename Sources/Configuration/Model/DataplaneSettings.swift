/// The `dataplane` block: what the forwarding process may use of the machine.
public struct DataplaneSettings: Equatable, Sendable {
    /// The number of workers, from 1; `nil` for one per core of ``cores``, or one where that is empty, too.
    public var workers: UInt16?
    /// The processor cores the workers are pinned to, ascending; empty leaves the choice to the data plane.
    public var cores: [UInt16] = []
    public var polling = PollingMode.adaptive
    /// Memory for packet buffers in mebibytes: kept and printed, and what counts is the data plane's command line.
    public var packetMemoryMebibytes: UInt32?
    /// Memory for the forwarding tables in mebibytes; `nil` leaves the choice to the control process.
    public var tableMemoryMebibytes: UInt32?
    /// What the tables have for routes without hugepages and unless it is configured, in mebibytes.
    public static let usualTableMebibytes: UInt32 = 1024

    public init() {}
}

/// What a worker does when there are no packets.
public enum PollingMode: String, Hashable, Sendable, CaseIterable {
    /// It sleeps after a while without packets.
    case adaptive
    /// It goes on polling.
    case busy
}
