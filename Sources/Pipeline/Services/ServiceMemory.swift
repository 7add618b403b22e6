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
        Self.unmap(classCounters, count: Int(STILE_MAX_CLASS_INSTANCES))
        Self.unmap(accessHits, count: Int(STILE_MAX_ACCESS_HITS))
        Self.unmap(policers, count: Int(STILE_MAX_CLASS_INSTANCES))
    }

    /// Whole pages from the kernel: those that nobody touches, as most instances are, take neither memory nor time.
    private static func zeroed<Element>(count: Int) -> UnsafeMutablePointer<Element> {
        let byteCount = count * MemoryLayout<Element>.stride
        let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { fatalError("no memory for \(byteCount) octets of counters") }
        return memory.bindMemory(to: Element.self, capacity: count)
    }

    private static func unmap<Element>(_ memory: UnsafeMutablePointer<Element>, count: Int) {
        munmap(memory, count * MemoryLayout<Element>.stride)
    }
}
