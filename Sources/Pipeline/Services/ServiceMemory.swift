import CTableLayout

/// Where services count and where policers keep their buckets: the owner's, since counters are read by the control
/// process and buckets are shared by all workers.
public struct ServiceMemory: @unchecked Sendable {
    /// `STILE_MAX_CLASS_INSTANCES` of them, this worker's.
    public let classCounters: UnsafeMutablePointer<stile_class_counters>
    /// `STILE_MAX_ACCESS_HITS` of them, this worker's.
    public let accessHits: UnsafeMutablePointer<UInt64>
    /// `STILE_MAX_CLASS_INSTANCES` of them, all workers'.
    public let policers: UnsafeMutablePointer<stile_policer_state>

    public init(
        classCounters: UnsafeMutablePointer<stile_class_counters>, accessHits: UnsafeMutablePointer<UInt64>,
        policers: UnsafeMutablePointer<stile_policer_state>
    ) {
        self.classCounters = classCounters
        self.accessHits = accessHits
        self.policers = policers
    }

    /// Buckets for all workers of a process, full and on lines of their own. They live as long as the process.
    public static func makePolicers() -> UnsafeMutablePointer<stile_policer_state> {
        ZeroedPages.need(stile_policer_state.self, count: Int(STILE_MAX_CLASS_INSTANCES))
    }

    /// Memory of its own, for a pipeline that nobody else counts with; freed by `deallocate`.
    public static func make() -> ServiceMemory {
        ServiceMemory(
            classCounters: ZeroedPages.need(stile_class_counters.self, count: Int(STILE_MAX_CLASS_INSTANCES)),
            accessHits: ZeroedPages.need(UInt64.self, count: Int(STILE_MAX_ACCESS_HITS)), policers: makePolicers())
    }

    /// Frees what `make` allocated.
    public func deallocate() {
        ZeroedPages.giveBack(classCounters, count: Int(STILE_MAX_CLASS_INSTANCES))
        ZeroedPages.giveBack(accessHits, count: Int(STILE_MAX_ACCESS_HITS))
        ZeroedPages.giveBack(policers, count: Int(STILE_MAX_CLASS_INSTANCES))
    }
}
