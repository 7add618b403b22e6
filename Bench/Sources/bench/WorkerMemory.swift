import CTableLayout

/// What a worker counts in, aligned as in the data plane's segment.
enum WorkerMemory {
    static func counters(_ count: Int) -> UnsafeMutablePointer<stile_interface_counters> {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<stile_interface_counters>.stride * count, alignment: 64)
        return memory.initializeMemory(as: stile_interface_counters.self, repeating: .init(), count: count)
    }

    static func drops(_ count: Int) -> UnsafeMutablePointer<stile_interface_drops> {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<stile_interface_drops>.stride * count, alignment: 64)
        return memory.initializeMemory(as: stile_interface_drops.self, repeating: .init(), count: count)
    }

    static func statistics() -> UnsafeMutablePointer<stile_worker> {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: MemoryLayout<stile_worker>.stride, alignment: 64)
        return memory.initializeMemory(as: stile_worker.self, repeating: .init(), count: 1)
    }
}
