import ForwardingTables
import Foundation
import Pipeline
import Synchronization
import Testing

/// A next hop that changes while packets pass: label, neighbor and VRF are always those of one moment.
@Suite struct NextHopChangeTests {
    /// What became of a packet.
    private struct Fate: Hashable {
        let verdict: String
        let frame: [UInt8]

        init(_ outcome: Lab.Outcome) {
            verdict = "\(outcome.verdict)"
            frame = outcome.frame ?? []
        }
    }

    @Test func noPacketLeavesByAMixtureOfTwo() throws {
        let lab = try Lab()
        let reader = lab.writer.reader
        let number = try #require(lab.nextHops[Lab.nextHopName("n11", .ipv4)])
        // By two NNIs with different labels, by a circuit, and by another VRF's unit, where the packet has to be stopped.
        let words = try ["n11", "n21", "c42", "n12"].map {
            reader.nextHop(try #require(lab.nextHops[Lab.nextHopName($0, .ipv4)]))
        }
        let packet = PacketBuilder.ipv4(source: 0x0A01_004D, destination: 0x0A03_0009)
        let frame = (port: UInt16(2), octets: PacketBuilder.circuitFrame(counter: 41, packet: packet))
        var expected: Set<Fate> = []
        for word in words {
            try lab.writer.nextHops.set(number, to: word)
            // The first burst of a worker passes the stages one by one; both ways have to agree.
            for _ in 0..<2 { expected.formUnion(lab.run([frame]).map(Fate.init)) }
        }
        #expect(expected.count == words.count)

        let changer = Changer(lab.writer, number, words)
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) { changer.run() }
        let burst = [(port: UInt16, octets: [UInt8])](repeating: frame, count: Burst.capacity)
        var found: [Fate: Int] = [:]
        // Until every state has been met often, however the machine shares its processors.
        for _ in 0..<100_000 where found.count < words.count || found.values.contains(where: { $0 < 500 }) {
            for outcome in lab.run(burst) { found[Fate(outcome), default: 0] += 1 }
            guard expected.isSuperset(of: found.keys) else { break }
        }
        changer.stop()
        group.wait()
        #expect(Set(found.keys) == expected)
        #expect(found.values.allSatisfy { $0 >= 500 })
    }

    /// Makes a next hop one after the other, as fast as it can. Nobody else writes to the tables meanwhile.
    private final class Changer: @unchecked Sendable {
        private let writer: TablesWriter
        private let number: UInt32
        private let words: [NextHop]
        private let isOver = Atomic(false)

        init(_ writer: TablesWriter, _ number: UInt32, _ words: [NextHop]) {
            self.writer = writer
            self.number = number
            self.words = words
        }

        func stop() { isOver.store(true, ordering: .releasing) }

        func run() {
            var round = 0
            while !isOver.load(ordering: .acquiring) {
                try? writer.nextHops.set(number, to: words[round % words.count])
                round += 1
            }
        }
    }
}
