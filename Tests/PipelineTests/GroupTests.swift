import CTableLayout
import Dispatch
import ForwardingTables
import Pipeline
import Synchronization
import Testing

/// Packets of routes with several next hops: how flows are spread over the members, and which keep their path when one of
/// these goes.
@Suite struct GroupTests {
    /// A group of VRF 1 in place of its route 10.2.7.0/24, over three circuits and NNIs.
    private final class Spread {
        let lab: Lab
        let names = ["c42", "n11", "p14"]
        private let group: UInt32
        private var assignment = BucketAssignment(permitted: [0, 1, 2])

        init() throws {
            lab = try Lab()
            let members = names.compactMap { [lab] in lab.nextHops[Lab.nextHopName($0, .ipv4)] }
            group = try lab.writer.groups.add(members: members, buckets: [assignment, assignment, assignment])
            let nextHop = try lab.writer.nextHops.add(.group(group, vrf: 1))
            try lab.writer.routes.set(#require(.init("10.2.7.0/24")), vrf: 1, nextHop: nextHop)
        }

        func follow(usable: Set<UInt8>) throws {
            let changed = assignment.follow(usable: usable.reduce(0) { $0 | 1 << UInt16($1) })
            try lab.writer.groups.set(group, origin: 0, buckets: changed, to: assignment)
        }

        /// The member by which the packets of each flow leave: of 4,096 flows of UDP from a circuit.
        func paths() -> [Int] {
            (0..<64).flatMap { (burst: Int) -> [Int] in
                let frames = (0..<64).map { flow in
                    let ports: [UInt8] = [UInt8(burst), UInt8(flow), 0, 53, 0, 8, 0, 0]
                    let packet = PacketBuilder.ipv4(
                        source: 0x0A01_0009, destination: 0x0A02_0709, protocolNumber: 17, payload: ports)
                    return (port: UInt16(2), octets: PacketBuilder.circuitFrame(counter: 41, packet: packet))
                }
                return lab.run(frames).map { outcome in
                    guard case .transmit(let port) = outcome.verdict else { return -1 }
                    return [3: 0, 0: 1, 5: 2][port] ?? -1
                }
            }
        }
    }

    @Test(arguments: [true, false])
    func aDeathMovesItsOwnFlowsAlone(onTheCommonPath: Bool) throws {
        let spread = try Spread()
        spread.lab.worker.pointee.usesCommonPath = onTheCommonPath
        let before = spread.paths()
        for member in 0..<3 {
            // Four standard deviations of 4,096 throws with a chance of one in three.
            let flows = before.count { $0 == member }
            #expect((1_246...1_486).contains(flows), "member \(member): \(flows)")
        }
        #expect(spread.paths() == before, "flows keep their paths")
        try spread.follow(usable: [0, 2])
        let without = spread.paths()
        for (before, after) in zip(before, without) { #expect(after == before || before == 1 && after != 1) }
        #expect((1_921...2_175).contains(without.count { $0 == 0 }))
        try spread.follow(usable: [0, 1, 2])
        #expect(spread.paths() == before, "a member that is back has its own flows again")
    }

    /// A member comes and goes as fast as it can while packets pass: none is lost, and no other member's flow moves.
    @Test func othersFlowsStayWhileAMemberComesAndGoes() throws {
        let spread = try Spread()
        let before = spread.paths()
        let changer = Changer(spread)
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) { changer.run() }
        for _ in 0..<8 {
            let now = spread.paths()
            for (before, now) in zip(before, now) { #expect(now == before || before == 1 && now != -1) }
        }
        changer.stop()
        group.wait()
        #expect(changer.rounds > 1)
    }

    /// Nobody else writes to the tables meanwhile.
    private final class Changer: @unchecked Sendable {
        private let spread: Spread
        private let isOver = Atomic(false)
        private(set) var rounds = 0

        init(_ spread: Spread) { self.spread = spread }

        func stop() { isOver.store(true, ordering: .releasing) }

        func run() {
            while !isOver.load(ordering: .acquiring) {
                try? spread.follow(usable: rounds % 2 == 0 ? [0, 2] : [0, 1, 2])
                rounds += 1
            }
        }
    }

    /// RFC 791 and 8200 give later fragments no ports: all of a packet go where the first goes.
    @Test func allFragmentsTakeOnePath() throws {
        let spread = try Spread()
        for host in UInt32(0)..<64 {
            let fragments = [0x2000, 0x2001, 0x0002].map { (offset: UInt16) in
                let packet = PacketBuilder.ipv4(
                    source: 0x0A01_0000 + host, destination: 0x0A02_0709, protocolNumber: 17, fragment: offset,
                    payload: [UInt8(offset & 255), 9, 0, 53, 0, 8, 0, 0])
                return (port: UInt16(2), octets: PacketBuilder.circuitFrame(counter: 41, packet: packet))
            }
            #expect(Set(spread.lab.run(fragments).map { "\($0.verdict)" }).count == 1)
        }
    }

    @Test func anExplanationSaysWhichMemberAndWhy() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A03_0009, destination: 0x0A01_0309)
        let frame = PacketBuilder.labelledFrame(nni: 0, label: 1001, packet: packet)
        let explanation = try Explanation.of(frame: frame, arrivingOn: 0, tables: lab.writer.reader)
        let route = try #require(lab.nextHops[Lab.nextHopName("g1", .ipv4)])
        let lookup = try #require(explanation.steps.first { $0.stage == .lookup })
        guard case .group(let group, .nni, let bucket, let member) = lookup.entries.last else {
            Issue.record("\(lookup.entries)")
            return
        }
        #expect(lookup.entries == [.vrf(1), .nextHop(route), .group(group, .nni, bucket: bucket, member: member)])
        #expect(
            ["c42", "p14", "t14"].contains { lab.nextHops[Lab.nextHopName($0, .ipv4)] == member },
            "what came by an NNI goes to no other, nor to another border router's")
        #expect(explanation.output == lab.run([(0, frame)]).compactMap(\.frame))
        #expect(explanation.path == .common)
        let departure = explanation.steps.first { $0.stage == .departure }
        #expect(departure?.entries == [lab.wayOut(member)])
    }
}
