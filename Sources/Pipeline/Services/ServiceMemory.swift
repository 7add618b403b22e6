import CTableLayout
import Glibc

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
        zeroed(count: Int(STILE_MAX_CLASS_INSTANCES))
    }

    /// Memory of its own, for a pipeline that nobody else counts with; freed by `deallocate`.
    public static func make() -> ServiceMemory {
        ServiceMemory(
            classCounters: zeroed(count: Int(STILE_MAX_CLASS_INSTANCES)),
            accessHits: zeroed(count: Int(STILE_MAX_ACCESS_HITS)), policers: makePolicers())
    }

    /// Frees what `make` allocated.
    public func deallocate() {
        free(classCounters)
        free(accessHits)
        free(policers)
    }

    /// Pages that nobody touches stay unused: most instances are.
    private static func zeroed<Element>(count: Int) -> UnsafeMutablePointer<Element> {
        let byteCount = count * MemoryLayout<Element>.stride
        guard let memory = aligned_alloc(4_096, (byteCount + 4_095) / 4_096 * 4_096) else {
            fatalError("no memory for \(byteCount) octets of counters")
        }
        memset(memory, 0, byteCount)
        return memory.bindMemory(to: Element.self, capacity: count)
    }
}
