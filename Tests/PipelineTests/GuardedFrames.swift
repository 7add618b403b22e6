import Foundation

/// Memory for frames, each of which ends where a page begins that nobody may touch: an octet read behind a frame ends
/// the test at once, in every build.
final class GuardedFrames {
    private static let slotPages = 5
    private let pageBytes: Int
    private let base: UnsafeMutableRawPointer
    private let count: Int

    enum Failure: Error { case noMemory }

    init(count: Int) throws {
        self.count = count
        pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
        let bytes = count * Self.slotPages * pageBytes
        let mapping = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapping, mapping != MAP_FAILED else { throw Failure.noMemory }
        base = mapping
        for slot in 0..<count where mprotect(guardPage(of: slot), pageBytes, PROT_NONE) != 0 {
            throw Failure.noMemory
        }
    }

    deinit { munmap(base, count * Self.slotPages * pageBytes) }

    /// Copies `octets` to the end of slot `slot` and returns their start. Four pages hold the headroom and the frame.
    func place(_ octets: [UInt8], at slot: Int) -> UnsafeMutableRawPointer {
        let start = guardPage(of: slot) - octets.count
        start.copyMemory(from: octets, byteCount: octets.count)
        return start
    }

    private func guardPage(of slot: Int) -> UnsafeMutableRawPointer {
        base + (slot * Self.slotPages + Self.slotPages - 1) * pageBytes
    }
}
