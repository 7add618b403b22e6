import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Routing
import Testing

/// Static labels of the core that lead to several: from the configuration to the tables.
@Suite struct MultipointLabelTests {
    private static let range = "mpls label range 100000 1048575\n"
    private static let branches = """
        mpls static multipoint label 1700 from 10.0.0.8 to 10.0.0.7 label 17
        mpls static multipoint label 1700 from 10.0.0.8 to 192.0.2.2 label 2000

        """
    private static let text = RelayedLabelTests.text + range + branches

    /// Whether the label is in the core's table, and the words of its members' next hops.
    private func members(
        of label: UInt32, in laboratory: Laboratory
    ) throws -> (entry: ReplicateEntry, list: [(nextHop: NextHop, mayBeOnSameSide: Bool)])? {
        let reader = try laboratory.tables().reader
        let core = reader.interfaces + Int(reader.interface(untaggedOn: 3))
        guard let entry = ReplicateEntry(reader.labelEntry(label, on: core)) else { return nil }
        return (entry, reader.replicationMembers(entry.list).map { (reader.nextHop($0.nextHop), $0.mayBeOnSameSide) })
    }

    @Test func `each branch is a member with a next hop of its own, and the label is the core's alone`() async throws {
        let (laboratory, dataplane) = try await RelayedLabelTests.laboratory(Self.text)
        defer { withExtendedLifetime(dataplane) {} }
        let (entry, list) = try #require(try members(of: 1700, in: laboratory))
        #expect(entry.depth == 0 && !entry.isBySource)
        #expect(list.map(\.nextHop.label) == [17, 2000])
        #expect(list.map(\.mayBeOnSameSide) == [true, false])
        #expect(list.allSatisfy { $0.nextHop.isSwap })
        let reader = try laboratory.tables().reader
        #expect(reader.adjacency(of: list[0].nextHop) >= STILE_ADJACENCY_FIRST.rawValue)
        #expect(reader.egress(of: list[1].nextHop)?.kind == UInt8(STILE_INTERFACE_UNIT.rawValue))
        let second = reader.interfaces + Int(reader.interface(untaggedOn: 4))
        #expect(ReplicateEntry(reader.labelEntry(1700, on: second)) == entry)
        let nni = reader.interfaces + Int(reader.interface(untaggedOn: 0))
        #expect(ReplicateEntry(reader.labelEntry(1700, on: nni)) == nil)
        let shown = try await laboratory.ask(ShowMultipoint()).labels
        #expect(shown.map(\.label.rawValue) == [1700] && shown[0].isValid)
        #expect(shown[0].branches.map(\.obstacle) == [nil, "the router does not answer"])
        #expect(shown[0].branches.map { $0.transportLabels.map(\.rawValue) } == [[16007], []])
        let isolation = try await laboratory.ask(ShowIsolation())
        #expect(isolation.violations.isEmpty && isolation.swaps.filter(\.isCopy).count == 2)
        await laboratory.stop()
    }

    @Test func `a tunnel has as many leaves as a label has branches`() {
        #expect(LabelTarget.mostCopies == Int(STILE_REPLICATION_MEMBERS))
    }

    @Test func `another list is another entry, and without lines the label is valid nowhere`() async throws {
        let (laboratory, dataplane) = try await RelayedLabelTests.laboratory(Self.text)
        defer { withExtendedLifetime(dataplane) {} }
        let before = try #require(try members(of: 1700, in: laboratory))
        try await laboratory.replace(
            Self.text.replacing("label 2000", with: "label 2001").replacing(
                "from 10.0.0.8 ", with: "from 10.0.0.8 inner-labels 1 "))
        let after = try #require(try members(of: 1700, in: laboratory))
        #expect(after.entry.list != before.entry.list && after.entry.depth == 1)
        #expect(after.list.map(\.nextHop.label) == [17, 2001])
        try await laboratory.replace(RelayedLabelTests.text + Self.range)
        #expect(try members(of: 1700, in: laboratory) == nil)
        let reader = try laboratory.tables().reader
        let core = reader.interfaces + Int(reader.interface(untaggedOn: 3))
        #expect(SwapEntry(reader.labelEntry(1700, on: core)) == nil)
        #expect(try await laboratory.ask(ShowMultipoint()).labels.isEmpty)
        await laboratory.stop()
    }

    @Test func `the label stays while the table grows and shrinks around it`() async throws {
        let (laboratory, dataplane) = try await RelayedLabelTests.laboratory(Self.text)
        defer { withExtendedLifetime(dataplane) {} }
        let before = try #require(try members(of: 1700, in: laboratory))
        try await RelayedLabelTests.ofNNI(600, in: laboratory)
        let given = try await RelayedLabelTests.given(600, at: "core", in: laboratory)
        #expect(given.rawValue >= 100_000)
        #expect(try members(of: 1700, in: laboratory)?.entry == before.entry)
        try await laboratory.lose(RelayedLabelTests.asbr.address)
        #expect(try members(of: 1700, in: laboratory)?.entry == before.entry)
        await laboratory.stop()
    }

    @Test func `a branch whose NNI is gone is left out until it is there again`() async throws {
        let (laboratory, dataplane) = try await RelayedLabelTests.laboratory(Self.text)
        defer { withExtendedLifetime(dataplane) {} }
        let nni = "interface ten1/0\n encap mpls optB\n ip address 192.0.2.1/29\n"
        try await laboratory.replace(Self.text.replacing(nni, with: nni + " shutdown\n"))
        let without = try #require(try members(of: 1700, in: laboratory))
        #expect(without.list.map(\.nextHop.isSwap) == [true, false])
        try await laboratory.replace(Self.text)
        let again = try #require(try members(of: 1700, in: laboratory))
        #expect(again.list.map(\.nextHop.label) == [17, 2000])
        await laboratory.stop()
    }

    /// By a configuration whose labels were drawn from where the static one is.
    @Test func `a label that somebody has, or had until lately, is no static one`() async throws {
        let drawn = RelayedLabelTests.text + "mpls label range 1700 1715\nmpls label withdrawal-delay 0\n"
        let (laboratory, dataplane) = try await RelayedLabelTests.laboratory(drawn)
        defer { withExtendedLifetime(dataplane) {} }
        try await RelayedLabelTests.ofNNI(600, in: laboratory)
        let given = try await RelayedLabelTests.given(600, at: "core", in: laboratory)
        let text = Self.text.replacing("label 1700", with: "label \(given)")
        let refused = await #expect(throws: ControlError.self) { try await laboratory.replace(text) }
        #expect(refused?.diagnostics.map(\.code) == ["static-label-in-use"])
        #expect(refused?.diagnostics.first?.lineText.contains("label \(given)") == true)
        #expect(try members(of: given.rawValue, in: laboratory) == nil)
        try await laboratory.lose(RelayedLabelTests.asbr.address)
        try await laboratory.eventually("the label is in quarantine") {
            try await laboratory.ask(ShowLabels()).quarantined.contains { $0.label == given }
        }
        await #expect(throws: ControlError.self) { try await laboratory.replace(text) }
        // Another one of the same place is nobody's.
        let free = try #require((1700...1715).first { $0 != Int(given.rawValue) })
        try await laboratory.replace(Self.text.replacing("label 1700", with: "label \(free)"))
        #expect(try members(of: UInt32(free), in: laboratory) != nil)
        await laboratory.stop()
    }
}
