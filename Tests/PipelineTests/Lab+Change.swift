import Dispatch
import ForwardingTables
import Pipeline
import Synchronization

extension Lab {
    /// Sends bursts of a frame while another thread stores one word after the other, until each outcome came often, or one came
    /// that is not expected: what left, and an empty frame for what was dropped.
    func outcomes<Word: Sendable>(
        of frame: (port: UInt16, octets: [UInt8]), expecting expected: Set<[UInt8]>, whileStoring words: [Word],
        by store: @escaping @Sendable (TablesWriter, Word) throws -> Void
    ) -> Set<[UInt8]> {
        let isOver = Atomic(false)
        let group = DispatchGroup()
        nonisolated(unsafe) let writer = writer
        DispatchQueue.global().async(group: group) {
            var round = 0
            while !isOver.load(ordering: .acquiring) {
                try? store(writer, words[round % words.count])
                round += 1
            }
        }
        let burst = [(port: UInt16, octets: [UInt8])](repeating: frame, count: Burst.capacity)
        var found: [[UInt8]: Int] = [:]
        for _ in 0..<100_000 where found.count < words.count || found.values.contains(where: { $0 < 500 }) {
            for outcome in run(burst) { found[outcome.frame ?? [], default: 0] += 1 }
            guard expected.isSuperset(of: found.keys) else { break }
        }
        isOver.store(true, ordering: .releasing)
        group.wait()
        return Set(found.keys)
    }
}
