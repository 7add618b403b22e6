/// What the numbers in flow records stand for.
public struct ObservedNames: Hashable, Sendable {
    public var interfaces: [UInt32: String]
    public var vrfs: [UInt32: String]
    /// By VRF number: one packet out of so many is metered.
    public var samplingIntervals: [UInt32: UInt32]

    public init(
        interfaces: [UInt32: String] = [:], vrfs: [UInt32: String] = [:], samplingIntervals: [UInt32: UInt32] = [:]
    ) {
        self.interfaces = interfaces
        self.vrfs = vrfs
        self.samplingIntervals = samplingIntervals
    }

    /// As options records, in the order of the numbers.
    var records: [ExportRecord] {
        samplingIntervals.sorted { $0.key < $1.key }.map { ExportRecord(selector: $0, samplingInterval: $1) }
            + vrfs.sorted { $0.key < $1.key }.map { ExportRecord(vrf: $0, name: $1) }
            + interfaces.sorted { $0.key < $1.key }.map { ExportRecord(interface: $0, name: $1) }
    }
}
