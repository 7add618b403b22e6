import Addressing

/// `fpm port`: FRR beside the box is listened to, and where its labels lead PEs are reached.
public struct RoutingEngineSettings: Equatable, Sendable {
    /// The TCP port of 127.0.0.1 that its zebra connects to.
    public var port: UInt16
    /// How long what it has said holds when its connection is lost, in seconds.
    public var holdTimeSeconds = Self.defaultHoldTimeSeconds
    /// How long it has to say everything again when it is back, in seconds.
    public var refreshTimeSeconds = Self.defaultRefreshTimeSeconds
    /// Routes to PEs whose next hop is the PE itself and gives implicit null: what it says of them has no label, as what it says
    /// of routes that nobody gave a label for. In ascending order.
    public var implicitNull: [IPPrefix] = []

    public init(port: UInt16) { self.port = port }

    public static let timeRange: ClosedRange<UInt32> = 1...86_400
    /// An engine that is restarted, and has to find its neighbors first, has learnt everything again by then.
    public static let defaultHoldTimeSeconds: UInt32 = 180
    /// A neighbor that has not noticed that LDP went away keeps its old session, and takes no new one, for 180 seconds.
    public static let defaultRefreshTimeSeconds: UInt32 = 300
}
