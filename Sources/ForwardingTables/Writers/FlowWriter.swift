import CTableLayout

/// How the flows of a VRF are metered.
public struct FlowMetering: Hashable, Sendable {
    /// One packet out of so many is metered; 1: every packet.
    public var samplingInterval: UInt32
    /// The most flows that each worker holds for the VRF.
    public var cacheEntries: UInt32
    /// A flow that goes on is exported when it is this old.
    public var activeMilliseconds: UInt32
    /// A flow has ended when no packet came for so long.
    public var inactiveMilliseconds: UInt32

    public init(
        samplingInterval: UInt32, cacheEntries: UInt32, activeMilliseconds: UInt32, inactiveMilliseconds: UInt32
    ) {
        self.samplingInterval = samplingInterval
        self.cacheEntries = cacheEntries
        self.activeMilliseconds = activeMilliseconds
        self.inactiveMilliseconds = inactiveMilliseconds
    }
}

/// How the VRFs' flows are metered, which stands in their records.
public final class FlowWriter {
    private let header: UnsafeMutablePointer<stile_tables_header>
    private let vrfs: VRFWriter

    init(_ file: TablesFile, vrfs: VRFWriter) {
        header = file.header
        self.vrfs = vrfs
    }

    /// Ends the flows of a VRF that have begun by now, seconds and their thousandths since 1970: they are exported, and
    /// what comes after them are new ones.
    public func end(ofVRF vrf: UInt16, milliseconds: UInt64) throws(TablesError) {
        let record = UnsafeMutableRawPointer(try vrfs.record(of: vrf))
        guard let offset = MemoryLayout<stile_vrf>.offset(of: \.flow_cleared_milliseconds) else { return }
        stile_store_release_u64((record + offset).assumingMemoryBound(to: UInt64.self), milliseconds)
    }

    /// Begins, changes or (`nil`) ends the metering of a VRF's flows. Flows that are in the caches are exported with an
    /// end reason of their own when metering ends.
    public func setMetering(_ metering: FlowMetering?, ofVRF vrf: UInt16) throws(TablesError) {
        let record = UnsafeMutableRawPointer(try vrfs.record(of: vrf))
        func word(_ field: PartialKeyPath<stile_vrf>) -> UnsafeMutablePointer<UInt32>? {
            MemoryLayout<stile_vrf>.offset(of: field).map { (record + $0).assumingMemoryBound(to: UInt32.self) }
        }
        func store(_ value: UInt32, _ field: PartialKeyPath<stile_vrf>) {
            if let word = word(field) { stile_store_release_u32(word, value) }
        }
        let wasMetered = word(\.flow_sampling).map { stile_load_relaxed_u32($0) != 0 } ?? false
        let isMetered = (metering?.samplingInterval ?? 0) != 0
        if let metering, isMetered {
            store(metering.cacheEntries, \.flow_cache_entries)
            store(metering.activeMilliseconds, \.flow_active_milliseconds)
            store(metering.inactiveMilliseconds, \.flow_inactive_milliseconds)
        }
        store(metering?.samplingInterval ?? 0, \.flow_sampling)
        guard wasMetered != isMetered else { return }
        let count = header.pointee.metered_vrfs
        withUnsafeMutablePointer(to: &header.pointee.metered_vrfs) {
            stile_store_release_u32($0, isMetered ? count + 1 : count - 1)
        }
    }
}
