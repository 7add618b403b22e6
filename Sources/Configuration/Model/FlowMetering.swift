import Addressing

/// A `flow exporter`: a collector that flow records are sent to (RFC 7011).
public struct FlowExporterSettings: Equatable, Sendable {
    public enum Transport: String, Equatable, Sendable, CaseIterable {
        case udp
        case tcp
    }

    public let name: String
    public var description: String?
    public var destination: IPAddress
    /// Where records are sent from, of the destination's family; `nil`: the kernel's choice.
    public var source: IPAddress?
    public var transport = Transport.udp
    public var port = FlowExporterSettings.defaultPort
    /// Over UDP: how often templates are sent again.
    public var templateIntervalSeconds = FlowExporterSettings.defaultTemplateIntervalSeconds

    public init(name: String, destination: IPAddress) {
        self.name = name
        self.destination = destination
    }

    /// IANA's port for IPFIX.
    public static let defaultPort: UInt16 = 4739
    /// RFC 6728 §4.4.2: templateRefreshTimeout.
    public static let defaultTemplateIntervalSeconds: UInt32 = 600
}

/// A `flow monitor`: how flows are metered, and where their records go.
public struct FlowMonitorSettings: Equatable, Sendable {
    public let name: String
    public var description: String?
    /// The name of an exporter.
    public var exporter: String
    /// A flow that goes on is exported this often.
    public var activeTimeoutSeconds = FlowMonitorSettings.defaultActiveTimeoutSeconds
    /// A flow without packets for so long has ended.
    public var inactiveTimeoutSeconds = FlowMonitorSettings.defaultInactiveTimeoutSeconds
    /// The most flows of each VRF that each worker holds.
    public var cacheEntries = FlowMonitorSettings.defaultCacheEntries
    /// One packet out of so many is metered; 1: every packet.
    public var samplingInterval: UInt32 = 1

    public init(name: String, exporter: String) {
        self.name = name
        self.exporter = exporter
    }

    public static let defaultActiveTimeoutSeconds: UInt32 = 1800
    public static let defaultInactiveTimeoutSeconds: UInt32 = 15
    public static let defaultCacheEntries: UInt32 = 16_384
    /// What a worker can hold of all VRFs together.
    public static let mostCacheEntries: UInt32 = 49_152
}
