import Addressing

/// Where flow records go and how.
public struct CollectorSettings: Hashable, Sendable {
    public enum Transport: Hashable, Sendable {
        /// Templates are sent again at the interval.
        case udp(templateIntervalSeconds: UInt32)
        case tcp
    }

    public var destination: IPAddress
    public var port: UInt16
    public var transport: Transport
    /// The box's own address to send from; `nil`: the kernel's choice.
    public var source: IPAddress?
    public var observationDomain: UInt32

    public init(
        destination: IPAddress, port: UInt16, transport: Transport, source: IPAddress?, observationDomain: UInt32
    ) {
        self.destination = destination
        self.port = port
        self.transport = transport
        self.source = source
        self.observationDomain = observationDomain
    }
}

/// What one exporter has done since it was configured.
public struct ExporterCounters: Hashable, Sendable {
    /// Flow records in messages that the kernel took.
    public internal(set) var flows: UInt64 = 0
    public internal(set) var messages: UInt64 = 0
    public internal(set) var octets: UInt64 = 0
    /// Flow records that were given up: the collector was away for too long, or the message could not be sent.
    public internal(set) var lostFlows: UInt64 = 0
    /// Messages that the kernel did not take.
    public internal(set) var sendErrors: UInt64 = 0
    /// Attempts to reach the collector that failed, and connections that ended.
    public internal(set) var connectionFailures: UInt64 = 0

    public init() {}
}
