import CTableLayout
import ForwardingTables
import Pipeline
import Testing

/// Labels whose packets go to several: what counts where, what no frame is free for, and lists that change under traffic. What
/// leaves octet by octet is in `FrameFixtureTests`, every rule in `IsolationTests`.
@Suite struct ReplicationTests {
    private static let packet = PacketBuilder.ipv4(source: 0x0A08_0808, destination: 0xE801_0107)

    @Test(arguments: [true, false])
    func eachCopyCountsWhereItLeaves(onTheCommonPath: Bool) throws {
        let lab = try Lab()
        lab.worker.pointee.usesCommonPath = onTheCommonPath
        let frame = PacketBuilder.labelledFrame(nni: 3, label: 3024, packet: Self.packet)
        let swap = PacketBuilder.labelledFrame(nni: 3, label: 3004, packet: Self.packet)
        let outcomes = lab.run([(5, frame), (5, swap), (5, frame)])
        #expect(outcomes.map(\.verdict) == [.replicated, .transmit(port: 0), .replicated])
        #expect(lab.counters[4].rx_packets == 3 && lab.kept(counter: 4).packets == 0)
        #expect(lab.counters[1].tx_packets == 3 && lab.counters[2].tx_packets == 2)
        #expect(lab.counters[2].tx_bytes == UInt64(2 * frame.count))
        // Into the core: what is swapped has a counter of its own in the lab. Two transport labels are above.
        #expect(lab.counters[5].tx_packets == 2 && lab.counters[6].tx_packets == 2)
        #expect(lab.counters[5].tx_bytes == UInt64(2 * (frame.count + 8)))
        // Not back by where it came in.
        #expect(lab.counters[4].tx_packets == 0)
        #expect(lab.pool.transmitted.count == 6 && lab.pool.outstanding == 0)
    }

    @Test func copiesThatNoFrameIsFreeForAreMissingAlone() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(nni: 3, label: 3024, packet: Self.packet)
        lab.pool.remaining = 1
        #expect(lab.run([(5, frame)]).first?.verdict == .replicated)
        #expect(lab.pool.transmitted.map(\.port) == [0])
        #expect(lab.drops(.noFrameForCopies, counter: 2) == 1 && lab.drops(.noFrameForCopies, counter: 5) == 1)
        #expect(lab.kept(counter: 4).packets == 0)
        // The owner has none for what it refers to by.
        lab.pool.remaining = nil
        lab.pool.portTakesFrames = false
        #expect(lab.run([(5, frame)]).first?.verdict == .drop(.noReplicationMember))
        #expect(lab.drops(.noFrameForCopies, counter: 1) == 1 && lab.drops(.noFrameForCopies, counter: 2) == 2)
        #expect(lab.kept(counter: 4).packets == 1 && lab.pool.outstanding == 0)
    }

    @Test func fragmentsThatNoFrameIsFreeForAreMissingAlone() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(
            source: 0x0A08_0808, destination: 0xE801_0107, fragment: 0, payload: [UInt8](repeating: 1, count: 1410))
        lab.pool.remaining = 2
        #expect(
            lab.run([(5, PacketBuilder.labelledFrame(nni: 3, label: 3024, packet: packet))]).first?.verdict
                == .replicated)
        #expect(lab.drops(.noFrameForFragments, counter: 2) == 1 && lab.drops(.noFrameForCopies, counter: 5) == 1)
        #expect(lab.kept(counter: 4).packets == 0 && lab.pool.outstanding == 0)
    }

    /// No error, whatever is wrong and whoever it is for.
    @Test func nobodyIsToldOfAReplicatedPacket() throws {
        let lab = try Lab()
        let unicast = PacketBuilder.ipv4(source: 0x0A08_0808, destination: 0x0A09_0909)
        for packet in [Self.packet, unicast] {
            let expired = PacketBuilder.labelledFrame(nni: 3, label: 3024, timeToLive: 1, packet: packet)
            #expect(lab.run([(5, expired)]).first?.verdict == .drop(.labelTTLExpired))
            #expect(lab.pool.transmitted.isEmpty && lab.worker.pointee.egressPorts == 0)
        }
        let large = PacketBuilder.ipv4(
            source: 0x0A08_0808, destination: 0x0A09_0909, fragment: 0x4000,
            payload: [UInt8](repeating: 1, count: 1410))
        #expect(
            lab.run([(5, PacketBuilder.labelledFrame(nni: 3, label: 3024, packet: large))]).first?.verdict
                == .replicated)
        #expect(lab.drops(.fragmentationNeeded, counter: 2) == 1 && lab.pool.transmitted.map(\.port) == [0, 5])
        #expect(lab.own(counter: 1).packets == 0 && lab.own(counter: 2).packets == 0)
    }

    @Test func memberIsLeftOutByOneStoreOfItsLink() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(nni: 3, label: 3024, packet: Self.packet)
        let link = try #require(lab.links[Lab.nextHopName("s1", .ipv4)])
        try lab.writer.links.set(link, to: STILE_ADJACENCY_FAILED)
        #expect(lab.run([(5, frame)]).first?.verdict == .replicated)
        #expect(lab.pool.transmitted.map(\.port) == [1, 5])
        #expect(lab.drops(.hostUnreachable, counter: 1) == 1)
    }

    @Test func copiesAreFollowedThroughTheTables() throws {
        let lab = try Lab()
        let frame = PacketBuilder.labelledFrame(nni: 3, label: 3024, packet: Self.packet)
        let explanation = try Explanation.of(frame: frame, arrivingOn: 5, tables: lab.writer.reader)
        #expect(explanation.verdict == .replicated && explanation.path == .stages)
        #expect(explanation.steps.map(\.stage) == [.ingress, .labelCheck])
        #expect(explanation.steps.last?.decision == .replicated(ports: [0, 1, 5]))
        let members = try ["s1", "sCore", "s2", "sCoreFar"].map {
            try #require(lab.nextHops[Lab.nextHopName($0, .ipv4)])
        }
        let core = try #require(lab.interfaces[4])
        let entry = lab.writer.reader.interfaces[Int(core)].label_first + 24
        #expect(
            explanation.steps.last?.entries
                == [.labelEntry(entry)] + members.flatMap { [.nextHop($0), lab.wayOut($0)] })
        _ = lab.run([(5, frame)])
        #expect(explanation.output == lab.pool.transmitted.map(\.octets))
    }

    /// Each copy has label and way out of one target, whatever the member is at a moment.
    @Test func noCopyLeavesByAMixtureOfTwoTargets() throws {
        let lab = try Lab()
        let reader = lab.writer.reader
        let number = try #require(lab.nextHops[Lab.nextHopName("s1", .ipv4)])
        let words = try ["s1", "s3"].map { reader.nextHop(try #require(lab.nextHops[Lab.nextHopName($0, .ipv4)])) }
        let frame = (port: UInt16(5), octets: PacketBuilder.labelledFrame(nni: 3, label: 3024, packet: Self.packet))
        var expected: Set<[UInt8]> = []
        for word in words {
            try lab.writer.nextHops.set(number, to: word)
            _ = lab.run([frame])
            expected.formUnion(lab.pool.transmitted.map(\.octets))
        }
        #expect(expected.count == 4)
        let found = lab.copies(of: frame, expecting: expected, whileStoring: words) {
            try $0.nextHops.set(number, to: $1)
        }
        #expect(found == expected)
    }

    /// Another list is one store of the entry: a packet goes to all members of the one or all of the other.
    @Test func noPacketGoesToPartsOfTwoLists() throws {
        let lab = try Lab()
        let members = try ["s1", "s2", "s3"].map { try #require(lab.nextHops[Lab.nextHopName($0, .ipv4)]) }
        let core = try #require(lab.interfaces[4])
        let entry = lab.writer.reader.interfaces[Int(core)].label_first + 24
        let pair = try lab.writer.replications.add([(members[0], false), (members[1], false)])
        let other = try lab.writer.replications.add([(members[2], false), (members[1], false), (members[0], true)])
        let frame = (port: UInt16(5), octets: PacketBuilder.labelledFrame(nni: 3, label: 3024, packet: Self.packet))
        let words = [pair, other].map { ReplicateEntry(list: $0).entry }
        // The lab's own list is not to be met before the first is stored.
        try lab.writer.labels.setEntry(entry, to: words[0])
        let found = lab.groupsOfPorts(of: frame, whileStoring: words) { try $0.labels.setEntry(entry, to: $1) }
        #expect(found == [[0, 1], [1, 1, 0]])
    }

    @Test func listNamesNothingThatIsNotThere() throws {
        let lab = try Lab()
        #expect(throws: TablesError.outOfRange(.replications)) { try lab.writer.replications.add([]) }
        #expect(throws: TablesError.outOfRange(.replications)) { try lab.writer.replications.add([(0, false)]) }
        #expect(throws: TablesError.outOfRange(.replications)) { try lab.writer.replications.add([(1 << 30, false)]) }
        let many = [(nextHop: UInt32, mayBeOnSameSide: Bool)](
            repeating: (1, false), count: Int(STILE_REPLICATION_MEMBERS) + 1)
        #expect(throws: TablesError.outOfRange(.replications)) { try lab.writer.replications.add(many) }
        let beyond = ReplicateEntry(list: 1 << 30)
        #expect(throws: TablesError.outOfRange(.replications)) { try lab.writer.labels.setEntry(1, to: beyond.entry) }
        let entry = ReplicateEntry(list: 77, depth: 2, isBySource: true)
        #expect(ReplicateEntry(entry.entry) == entry && SwapEntry(entry.entry) == nil && PopEntry(entry.entry) == nil)
        #expect(UInt32(entry.entry.flags) & STILE_FLAG_VALID.rawValue == 0)
        let list = try #require(lab.lists[3024])
        #expect(lab.writer.reader.replicationMembers(list).map(\.mayBeOnSameSide) == [false, true, false, true])
        #expect(lab.writer.reader.replicationMembers(0).isEmpty)
    }
}
