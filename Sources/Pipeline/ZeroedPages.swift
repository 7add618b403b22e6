import Glibc

/// Memory of whole pages that the kernel gives zeroed when they are first touched: what is sized for the most that there
/// can be, and mostly not used, takes neither memory nor time.
enum ZeroedPages {
    /// `nil` when there is no memory. Given back by `giveBack` with the same count.
    static func take<Element: BitwiseCopyable>(_ type: Element.Type, count: Int) -> UnsafeMutablePointer<Element>? {
        let memory = mmap(
            nil, count * MemoryLayout<Element>.stride, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { return nil }
        return memory.bindMemory(to: type, capacity: count)
    }

    /// As `take`, of what a worker cannot do without.
    static func need<Element: BitwiseCopyable>(_ type: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
        guard let memory = take(type, count: count) else {
            fatalError("no memory for \(count * MemoryLayout<Element>.stride) octets")
        }
        return memory
    }

    static func giveBack<Element: BitwiseCopyable>(_ memory: UnsafeMutablePointer<Element>, count: Int) {
        munmap(memory, count * MemoryLayout<Element>.stride)
    }
}
