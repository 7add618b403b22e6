import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// A label that is provisioned is the VRF's everywhere, and its quarantine holds where it was said (RFC 9573 §3.2).
@Suite struct CommonLabelTests {
    private func common(_ number: UInt32, context: UInt32? = nil) throws -> CommonLabel {
        CommonLabel(try label(number), context: try context.map { try label($0) })
    }

    /// VRF one has label 1001 of the block 1000 to 1099, on both far ends, each on an NNI of its own.
    private func inputs() throws -> RoutingInputs {
        var inputs = try noteInputs()
        inputs.commonBlock = 1000...1099
        for name in inputs.vrfs.keys { inputs.vrfs[name]?.eligibleNeighbors = [FarEnd.first, FarEnd.second] }
        inputs.vrfs["one"]?.commonLabel = try common(1001)
        return inputs
    }

    private func running(_ inputs: RoutingInputs) -> Owner {
        let owner = Owner()
        owner.handle(.configure(inputs))
        for neighbor in [FarEnd.first, FarEnd.second] {
            owner.handle(.established(neighbor: neighbor, session(restart: gracefulRestart())))
        }
        owner.drain()
        return owner
    }

    /// The labels by which a neighbor has routes of a VRF.
    private func told(_ owner: Owner, _ distinguisher: String, _ neighbor: PeerAddress = FarEnd.first) throws -> Set<
        UInt32
    > {
        let distinguisher = try #require(RouteDistinguisher(distinguisher))
        let sent = (owner.sent[neighbor] ?? [:]).filter { $0.key.routeDistinguisher == distinguisher }
        return Set(sent.values.map(\.label.rawValue))
    }

    @Test func `one number on all NNIs, and none of its block for others`() throws {
        let owner = running(try inputs())
        for neighbor in [FarEnd.first, FarEnd.second] {
            #expect(try told(owner, "42:1", neighbor) == [1001])
            for other in ["42:2", "42:3"] {
                #expect(try told(owner, other, neighbor).allSatisfy { (1100...1999).contains($0) })
            }
        }
        #expect(owner.violations.isEmpty)
        #expect(owner.log.isEmpty)
    }

    @Test func `labels of the block are not drawn, though no other is left`() throws {
        var inputs = try inputs()
        inputs.labelRange = 1000...1102
        let owner = running(inputs)
        #expect(Set(owner.installed.map(\.label.rawValue)) == [1001, 1100, 1101, 1102])
        #expect(owner.log.count == 1)
    }

    @Test func `a VRF with another route distinguisher has it when its quarantine is over, and a log says when`() throws
    {
        var inputs = try inputs()
        let owner = running(inputs)
        inputs.vrfs["one"]?.routeDistinguisher = try #require(RouteDistinguisher("42:9"))
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try told(owner, "42:9") == [])
        #expect(owner.installed.allSatisfy { $0.label.rawValue != 1001 })
        owner.advance(to: seconds(10))
        #expect(
            owner.log.contains(
                .commonLabelWaits(
                    vrf: "one", neighbor: FarEnd.first, try common(1001), until: seconds(300), hasOther: false)))
        owner.advance(to: seconds(299))
        owner.drain()
        #expect(try told(owner, "42:9") == [])
        owner.advance(to: seconds(301))
        owner.drain()
        #expect(try told(owner, "42:9") == [1001])
        #expect(owner.violations.isEmpty)
    }

    @Test func `where it was never said there is nothing to wait for`() throws {
        var inputs = try inputs()
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first]
        let owner = running(inputs)
        inputs.vrfs["one"]?.routeDistinguisher = try #require(RouteDistinguisher("42:9"))
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.second]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try told(owner, "42:9", FarEnd.second) == [1001])
        #expect(owner.violations.isEmpty)
    }

    @Test func `what no session has said is free at once`() throws {
        var inputs = try inputs()
        let owner = Owner()
        owner.handle(.configure(inputs))
        inputs.vrfs["one"]?.routeDistinguisher = try #require(RouteDistinguisher("42:9"))
        owner.handle(.configure(inputs))
        owner.advance(to: seconds(2))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(try told(owner, "42:9") == [1001])
    }

    @Test(arguments: ["AS", "NNI"])
    func `another far end has it when the quarantine is over`(what: String) throws {
        var inputs = try inputs()
        let owner = running(inputs)
        if what == "AS" {
            inputs.neighbors[FarEnd.first]?.remoteAutonomousSystem = 65099
        } else {
            inputs.neighbors[FarEnd.first]?.nni = "ten9/0"
        }
        owner.handle(.configure(inputs))
        owner.drain()
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(try told(owner, "42:1") == [])
        #expect(try told(owner, "42:1", FarEnd.second) == [1001], "there nothing has changed")
        owner.advance(to: seconds(400))
        owner.drain()
        #expect(try told(owner, "42:1") == [1001])
        #expect(owner.violations.isEmpty)
    }

    @Test func `with a fallback it is told a label of its own meanwhile, and its routes stay when that ends`() throws {
        var inputs = try inputs()
        inputs.vrfs["one"]?.hasFallbackLabel = true
        let owner = running(inputs)
        inputs.vrfs["one"]?.routeDistinguisher = try #require(RouteDistinguisher("42:9"))
        owner.handle(.configure(inputs))
        owner.drain()
        owner.advance(to: seconds(5))
        owner.drain()
        let meanwhile = try #require(try told(owner, "42:9").first)
        #expect((1100...1999).contains(meanwhile))
        owner.advance(to: seconds(302))
        #expect(try told(owner, "42:9") == [meanwhile], "it is valid before it is said")
        owner.drain()
        #expect(try told(owner, "42:9") == [1001])
        #expect(owner.installed.allSatisfy { $0.label.rawValue != meanwhile })
        #expect(owner.violations.isEmpty)
    }

    @Test func `from a label of its own to the common one there is no gap`() throws {
        var inputs = try inputs()
        inputs.vrfs["one"]?.commonLabel = nil
        let owner = running(inputs)
        let former = try #require(try told(owner, "42:1").first)
        inputs.vrfs["one"]?.commonLabel = try common(1001)
        let effects = owner.handle(.configure(inputs))
        #expect(!effects.contains { if case .withdraw = $0 { true } else { false } })
        #expect(try told(owner, "42:1") == [former])
        owner.confirmAll()
        var sent: [RoutingEffect] = []
        while case let more = owner.pull(FarEnd.first, limit: 10), !more.isEmpty { sent += more }
        #expect(!sent.contains { if case .withdraw = $0 { true } else { false } })
        owner.drain()
        #expect(try told(owner, "42:1") == [1001])
        #expect(owner.violations.isEmpty)
    }

    @Test func `two VRFs that change labels have them when nobody can take one for the other`() throws {
        var inputs = try inputs()
        inputs.vrfs["two"]?.commonLabel = try common(1002)
        let owner = running(inputs)
        inputs.vrfs["one"]?.commonLabel = try common(1002)
        inputs.vrfs["two"]?.commonLabel = try common(1001)
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try told(owner, "42:1") == [], "\(owner.log) \(owner.installed)")
        owner.advance(to: seconds(310))
        owner.drain()
        #expect(try told(owner, "42:1") == [1002])
        #expect(try told(owner, "42:2") == [1001])
        #expect(owner.violations.isEmpty)
    }

    @Test func `a label that waits for another VRF's does not take away the one before`() throws {
        var inputs = try inputs()
        inputs.vrfs["two"]?.commonLabel = try common(1002)
        let owner = running(inputs)
        inputs.vrfs["two"]?.commonLabel = nil
        inputs.vrfs["one"]?.commonLabel = try common(1002)
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try told(owner, "42:1") == [1001], "make before break")
        owner.advance(to: seconds(310))
        owner.drain()
        #expect(try told(owner, "42:1") == [1002])
        #expect(owner.installed.allSatisfy { $0.label.rawValue != 1001 })
        #expect(owner.violations.isEmpty)
    }

    @Test func `a restart knows them, and their quarantines`() throws {
        var inputs = try inputs()
        let before = running(inputs)
        inputs.vrfs["two"]?.commonLabel = try common(1001)
        inputs.vrfs["one"]?.commonLabel = nil
        before.handle(.configure(inputs))
        before.drain()
        var allocations = Allocations()
        allocations.labels = before.saved
        let octets = AllocationsFile.encode(allocations)
        let restored = try AllocationsFile.decode(octets).labels
        #expect(restored == before.saved)
        let owner = Owner(RoutingTable(labels: restored, generator: SeededGenerator(seed: 2)))
        owner.now = seconds(20)
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(try told(owner, "42:2").isDisjoint(with: [1001]))
        owner.advance(to: seconds(320))
        owner.drain()
        #expect(try told(owner, "42:2") == [1001])
        #expect(owner.violations.isEmpty)
    }

    @Test func `a label that was drawn before its block was reserved is not another VRF's`() throws {
        var inputs = try inputs()
        inputs.commonBlock = nil
        inputs.vrfs["one"]?.commonLabel = nil
        inputs.labelRange = 1001...1001
        inputs.vrfs["one"]?.eligibleNeighbors = []
        inputs.vrfs["three"]?.eligibleNeighbors = []
        inputs.vrfs["two"]?.eligibleNeighbors = [FarEnd.first]
        let owner = running(inputs)
        #expect(try told(owner, "42:2") == [1001])
        inputs.commonBlock = 1000...1099
        inputs.labelRange = 1000...1999
        inputs.vrfs["one"]?.commonLabel = try common(1001)
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try told(owner, "42:2") == [1001])
        #expect(try told(owner, "42:1") == [])
        #expect(owner.violations.isEmpty)
    }

    /// VRF one's label is 7 in a space that label 1099 names.
    private func inputsWithSpace() throws -> RoutingInputs {
        var inputs = try inputs()
        inputs.vrfs["one"]?.commonLabel = try common(7_000, context: 1099)
        return inputs
    }

    private func stack(_ owner: Owner, _ neighbor: PeerAddress = FarEnd.first) throws -> [MPLSLabel] {
        let wanted = try #require(RouteDistinguisher("42:1"))
        let sent = (owner.sentStacks[neighbor] ?? [:]).first { $0.key.routeDistinguisher == wanted }
        return sent?.value.labels ?? []
    }

    private func establish(_ owner: Owner, _ neighbor: PeerAddress, takesStacks: Bool) {
        owner.handle(
            .established(
                neighbor: neighbor,
                session(multipleLabels: takesStacks ? [.vpnv4, .vpnv6] : [], restart: gracefulRestart())))
        owner.drain()
    }

    @Test func `a label of a space is told under the one that names it, where both take two`() throws {
        let owner = Owner()
        owner.handle(.configure(try inputsWithSpace()))
        establish(owner, FarEnd.first, takesStacks: true)
        establish(owner, FarEnd.second, takesStacks: false)
        #expect(try stack(owner) == [try label(1099), try label(7_000)])
        let other = try stack(owner, FarEnd.second)
        #expect(other.count == 1 && !(1000...1099).contains(other[0].rawValue))
        #expect(owner.log == [.stackNotTaken(neighbor: FarEnd.second)])
        #expect(owner.violations.isEmpty)
    }

    @Test func `a neighbor that comes back with another capability is told what it takes`() throws {
        let owner = Owner()
        owner.handle(.configure(try inputsWithSpace()))
        for takesStacks in [true, false, true] {
            establish(owner, FarEnd.first, takesStacks: takesStacks)
            #expect(try stack(owner).count == (takesStacks ? 2 : 1))
            owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
            owner.drain()
        }
        #expect(owner.violations.isEmpty)
    }

    @Test func `a number of one space is not that of another, or of none`() throws {
        var inputs = try inputsWithSpace()
        inputs.vrfs["two"]?.commonLabel = try common(7_000, context: 1098)
        inputs.labelRange = 7_000...7_000
        let owner = Owner()
        owner.handle(.configure(inputs))
        establish(owner, FarEnd.first, takesStacks: true)
        #expect(owner.installed.count { $0.neighbor == FarEnd.first && $0.label.rawValue == 7_000 } == 3)
        inputs.vrfs["two"] = nil
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try stack(owner) == [try label(1099), try label(7_000)])
        #expect(owner.installed.count { $0.neighbor == FarEnd.first && $0.label.rawValue == 7_000 } == 2)
    }

    // MARK: What nobody may have meanwhile

    @Test func `a label of a block that is gone is not drawn while it counts somewhere`() throws {
        var inputs = try inputs()
        inputs.labelRange = 1000...1003
        inputs.commonBlock = 1001...1001
        for name in ["two", "three"] { inputs.vrfs[name]?.eligibleNeighbors = [] }
        let owner = running(inputs)
        inputs.commonBlock = nil
        inputs.vrfs["one"]?.commonLabel = nil
        for name in ["two", "three"] { inputs.vrfs[name]?.eligibleNeighbors = [FarEnd.first] }
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(!owner.installed.contains { $0.label.rawValue == 1001 && $0.owner.subject.commonLabel == nil })
        owner.advance(to: seconds(310))
        owner.drain()
        #expect(owner.installed.count == 4, "then it is one as any other")
        #expect(owner.installed.contains { $0.label.rawValue == 1001 })
        #expect(owner.violations.isEmpty)
    }

    @Test func `a quarantine is not over since its owner has had the label again without saying it`() throws {
        var inputs = try inputs()
        let owner = running(inputs)
        let label = inputs.vrfs["one"]?.commonLabel
        inputs.vrfs["one"]?.commonLabel = nil
        owner.handle(.configure(inputs))
        owner.drain()
        for neighbor in [FarEnd.first, FarEnd.second] {
            owner.handle(.down(neighbor: neighbor, gracefulRestart: nil, isForgotten: true))
        }
        owner.drain()
        owner.advance(to: seconds(10))
        inputs.vrfs["one"]?.commonLabel = label
        owner.handle(.configure(inputs))
        owner.drain()
        owner.advance(to: seconds(20))
        inputs.vrfs["one"]?.commonLabel = nil
        inputs.vrfs["two"]?.commonLabel = label
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(try !told(owner, "42:2").contains(1001))
        owner.advance(to: seconds(330))
        owner.drain()
        #expect(try told(owner, "42:2") == [1001])
        #expect(owner.violations.isEmpty)
    }

    @Test func `two neighbors on one NNI do not wait for each other`() throws {
        var inputs = try inputs()
        inputs.neighbors[FarEnd.second]?.nni = "ten1/0"
        let owner = running(inputs)
        let label = inputs.vrfs["one"]?.commonLabel
        inputs.vrfs["one"]?.commonLabel = nil
        owner.handle(.configure(inputs))
        owner.drain()
        inputs.vrfs["one"]?.commonLabel = label
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try told(owner, "42:1") == [1001])
        #expect(try told(owner, "42:1", FarEnd.second) == [1001])
        #expect(owner.log.isEmpty)
        #expect(owner.violations.isEmpty)
    }

    @Test func `another VRF's label elsewhere does not take away what a VRF has here`() throws {
        var inputs = try inputs()
        inputs.vrfs["two"]?.commonLabel = try common(1002)
        inputs.vrfs["two"]?.eligibleNeighbors = [FarEnd.first]
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first]
        let owner = running(inputs)
        inputs.vrfs["one"]?.commonLabel = try common(1002)
        inputs.vrfs["two"]?.commonLabel = try common(1001)
        inputs.vrfs["two"]?.eligibleNeighbors = [FarEnd.second]
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try told(owner, "42:1") == [1001])
        #expect(try told(owner, "42:2", FarEnd.second) == [1001])
        owner.advance(to: seconds(310))
        owner.drain()
        #expect(try told(owner, "42:1") == [1002])
        #expect(owner.violations.isEmpty)
    }

    @Test func `drawn labels that lie in the block at a start make room`() throws {
        var inputs = try inputs()
        inputs.commonBlock = nil
        inputs.labelRange = 1001...1001
        for name in ["one", "three"] { inputs.vrfs[name]?.eligibleNeighbors = [] }
        inputs.vrfs["two"]?.eligibleNeighbors = [FarEnd.first]
        inputs.vrfs["one"]?.commonLabel = nil
        let before = running(inputs)
        #expect(try told(before, "42:2") == [1001])
        inputs.commonBlock = 1000...1099
        inputs.labelRange = 1000...1999
        inputs.vrfs["one"]?.commonLabel = try common(1001)
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first]
        let owner = Owner(RoutingTable(labels: before.saved, generator: SeededGenerator(seed: 2)))
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(try told(owner, "42:2").allSatisfy { $0 > 1099 })
        #expect(try !told(owner, "42:2").isEmpty)
        owner.advance(to: seconds(310))
        owner.drain()
        #expect(try told(owner, "42:1") == [1001])
        #expect(owner.violations.isEmpty)
    }
}
