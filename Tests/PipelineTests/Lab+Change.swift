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
        var found: [[UInt8]: Int] = [:]
        whileStoring(words, by: store) { burst in
            for outcome in run(burst(frame)) { found[outcome.frame ?? [], default: 0] += 1 }
            return expected.isSuperset(of: found.keys)
                && (found.count < words.count || found.values.contains { $0 < 500 })
        }
        return Set(found.keys)
    }

    /// The same of what leaves as copies.
    func copies<Word: Sendable>(
        of frame: (port: UInt16, octets: [UInt8]), expecting expected: Set<[UInt8]>, whileStoring words: [Word],
        by store: @escaping @Sendable (TablesWriter, Word) throws -> Void
    ) -> Set<[UInt8]> {
        var found: [[UInt8]: Int] = [:]
        whileStoring(words, by: store) { burst in
            _ = run(burst(frame))
            for copy in pool.transmitted { found[copy.octets, default: 0] += 1 }
            return expected.isSuperset(of: found.keys)
                && (found.count < expected.count || found.values.contains { $0 < 500 })
        }
        return Set(found.keys)
    }

    /// By which ports the copies of one packet left, of many packets.
    func groupsOfPorts<Word: Sendable>(
        of frame: (port: UInt16, octets: [UInt8]), whileStoring words: [Word],
        by store: @escaping @Sendable (TablesWriter, Word) throws -> Void
    ) -> Set<[UInt16]> {
        var found: [[UInt16]: Int] = [:]
        whileStoring(words, by: store) { _ in
            _ = run([frame])
            found[pool.transmitted.map(\.port), default: 0] += 1
            return found.count <= words.count && (found.count < words.count || found.values.contains { $0 < 500 })
        }
        return Set(found.keys)
    }

    /// Calls `round` while another thread stores one word after the other, until it returns `false`.
    private func whileStoring<Word: Sendable>(
        _ words: [Word], by store: @escaping @Sendable (TablesWriter, Word) throws -> Void,
        _ round: (_ burst: ((port: UInt16, octets: [UInt8])) -> [(port: UInt16, octets: [UInt8])]) -> Bool
    ) {
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
        for _ in 0..<100_000 {
            guard round({ [(port: UInt16, octets: [UInt8])](repeating: $0, count: Burst.capacity) }) else { break }
        }
        isOver.store(true, ordering: .releasing)
        group.wait()
    }
}
