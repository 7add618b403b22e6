import CDPDKLookup

/// DPDK's environment, started when the first part of a run needs it.
enum DPDKEnvironment {
    private static let megabytes: UInt32 = 4_096
    nonisolated(unsafe) private static var isStarted = false

    /// Called by the main thread only. The first call decides on hugepages.
    static func start(onHugepages: Bool) -> Bool {
        if !isStarted { isStarted = dpdk_start(onHugepages ? 1 : 0, megabytes) == 0 }
        return isStarted
    }
}
