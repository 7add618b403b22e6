import Addressing
import BGP
import Routing
import Testing

/// A label is valid while the neighbor that was told it may use it, and for nobody else.
@Suite struct LabelValidityTests {
    /// The note's three VRFs on both far ends, with graceful restart of 90 s, and the sessions up.
    private func running(_ inputs: RoutingInputs) -> Owner {
        let owner = Owner()
        owner.handle(.configure(inputs))
        for neighbor in [FarEnd.first, FarEnd.second] {
            owner.handle(.established(neighbor: neighbor, session(restart: gracefulRestart())))
        }
        owner.drain()
        return owner
    }

    private func inputs() throws -> RoutingInputs {
        var inputs = try noteInputs()
        for name in inputs.vrfs.keys { inputs.vrfs[name]?.eligibleNeighbors = [FarEnd.first, FarEnd.second] }
        inputs.neighbors[FarEnd.first]?.announcedRestartSeconds = 90
        inputs.neighbors[FarEnd.second]?.nni = "ten1/0"
        return inputs
    }

    private func valid(_ owner: Owner, for neighbor: PeerAddress) -> Int {
        owner.installed.count { $0.neighbor == neighbor }
    }

    @Test func `two neighbors on one NNI have no label in common`() throws {
        let owner = running(try inputs())
        #expect(owner.installed.count == 6)
        #expect(Set(owner.installed.map(\.label)).count == 6)
        #expect(owner.installed.allSatisfy { $0.nni == "ten1/0" })
    }

    @Test func `no label is valid before the first session, though it is allocated`() throws {
        let owner = Owner()
        owner.handle(.configure(try inputs()))
        owner.drain()
        #expect(owner.installed.isEmpty)
        #expect(owner.table.labels.labels.count == 6)
    }

    @Test func `the labels of a neighbor that is shut down end at once, and come back with it`() throws {
        var inputs = try inputs()
        let owner = running(inputs)
        let before = owner.table.labels.labels
        inputs.neighbors[FarEnd.first]?.isShutdown = true
        owner.handle(.configure(inputs))
        #expect(valid(owner, for: FarEnd.first) == 0)
        #expect(valid(owner, for: FarEnd.second) == 3)
        owner.drain()
        inputs.neighbors[FarEnd.first]?.isShutdown = false
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(valid(owner, for: FarEnd.first) == 0, "the session is not up yet")
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(owner.table.labels.labels == before)
        #expect(valid(owner, for: FarEnd.first) == 3)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a lost session keeps its labels for the restart time that we announced`() throws {
        let owner = running(try inputs())
        for neighbor in [FarEnd.first, FarEnd.second] {
            owner.handle(.down(neighbor: neighbor, gracefulRestart: gracefulRestart()))
        }
        #expect(valid(owner, for: FarEnd.second) == 0, "we announced no graceful restart to it")
        owner.advance(to: seconds(89))
        #expect(valid(owner, for: FarEnd.first) == 3)
        owner.advance(to: seconds(90))
        #expect(valid(owner, for: FarEnd.first) == 0)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a session without graceful restart takes its labels with it`() throws {
        let owner = Owner()
        owner.handle(.configure(try inputs()))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(valid(owner, for: FarEnd.first) == 3)
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        #expect(valid(owner, for: FarEnd.first) == 0)
    }

    /// RFC 8538 §4: after a hard reset nobody keeps routes; RFC 4724 §4: after any NOTIFICATION but where both sides have
    /// said otherwise. What we say because a time is over, the neighbor may not have read.
    @Test(arguments: [
        (SessionDownReason.notificationReceived(.cease(.administrativeReset)), false, 0),
        (.notificationReceived(.cease(.administrativeReset)), true, 3),
        (.notificationReceived(.cease(.hardReset)), false, 0),
        (.notificationSent(.cease(.hardReset)), false, 0),
        (.notificationSent(.cease(.administrativeShutdown)), false, 0),
        (.notificationSent(.holdTimerExpired), false, 3),
        (.connectionLost, true, 3),
        (.interfaceDown, false, 3),
    ])
    func `labels end with a session that the neighbor has forgotten`(
        reason: SessionDownReason, areRoutesKept: Bool, expected: Int
    ) throws {
        let owner = running(try inputs())
        let event = NeighborEvent.down(reason, gracefulRestart: areRoutesKept ? gracefulRestart() : nil)
        owner.handle(try #require(RoutingEvent(event, of: FarEnd.first)))
        #expect(valid(owner, for: FarEnd.first) == expected)
        #expect(owner.violations.isEmpty)
    }

    @Test func `what another takes the place of while a neighbor is away stays valid until End-of-RIB is heard`() throws
    {
        var inputs = try inputs()
        inputs.neighbors[FarEnd.first]?.families = [.vpnv4: .init(.optionB), .vpnv6: .init(.optionB)]
        let owner = running(inputs)
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        inputs.vrfs["one"]?.labelMode = .perPrefix
        owner.handle(.configure(inputs))
        #expect(valid(owner, for: FarEnd.first) == 3)
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        owner.confirmAll()
        #expect(valid(owner, for: FarEnd.first) == 4)
        var effects: [RoutingEffect] = []
        while case let more = owner.pull(FarEnd.first, limit: 1), !more.isEmpty { effects += more }
        let end = try #require(effects.firstIndex(of: .endOfRIB(neighbor: FarEnd.first, .vpnIPv6)))
        let removal = try #require(
            effects.firstIndex { if case .removeLabel(_, .whenWithdrawalsAreRead) = $0 { true } else { false } })
        #expect(end < removal)
        #expect(owner.violations.isEmpty)
    }

    @Test(arguments: [true, false])
    func `another AS or another NNI has labels of its own, and the old ones end at once`(isSystem: Bool) throws {
        var inputs = try inputs()
        let owner = running(inputs)
        let before = Set(owner.installed.filter { $0.neighbor == FarEnd.first }.map(\.label))
        if isSystem {
            inputs.neighbors[FarEnd.first]?.remoteAutonomousSystem = 65099
        } else {
            inputs.neighbors[FarEnd.first]?.nni = "ten9/0"
        }
        owner.handle(.configure(inputs))
        #expect(valid(owner, for: FarEnd.first) == 0)
        owner.drain()
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        let after = Set(owner.installed.filter { $0.neighbor == FarEnd.first }.map(\.label))
        #expect(after.count == 3)
        #expect(after.isDisjoint(with: before))
        #expect(before.allSatisfy { owner.table.labels.quarantine[$0] != nil })
        #expect(owner.violations.isEmpty)
    }

    @Test func `a VRF that is replaced under its name has new labels, and inherits no route`() throws {
        var inputs = try inputs()
        let owner = running(inputs)
        let update = try announcement(vpn("65001:1", "10.2.0.0/16"), label: 500, attributes(targets: ["42:1"]))
        owner.handle(.update(neighbor: FarEnd.first, update))
        let before = owner.table.labels(ofVRF: "one")
        var other = try #require(inputs.vrfs["one"])
        other = VRFInputs(name: "one", routeDistinguisher: try #require(RouteDistinguisher("42:99")))
        other.importTargets = [try target("42:99")]
        other.exportTargets = [try target("42:99")]
        other.eligibleNeighbors = [FarEnd.first, FarEnd.second]
        other.circuitAddresses = [
            CircuitAddress(circuit: "ten1/9", address: try #require(InterfaceAddress("10.99.0.1/24")))
        ]
        other.redistributed = [.ipv4: [.connected]]
        inputs.vrfs["one"] = other
        let effects = owner.handle(.configure(inputs))
        #expect(effects.first == .removeAllRoutes(vrf: "one"))
        #expect(owner.fib["one"]?[try prefix("10.2.0.0/16")] == nil)
        #expect(owner.fib["one"]?[try prefix("10.99.0.0/24")] == .connected(circuit: "ten1/9"))
        owner.drain()
        let after = owner.table.labels(ofVRF: "one")
        #expect(after.count == 2)
        #expect(Set(after.values).isDisjoint(with: before.values))
        #expect(before.values.allSatisfy { owner.table.labels.quarantine[$0] != nil })
        #expect(owner.sent[FarEnd.first]?[try vpn("42:1", "10.1.0.0/24")] == nil)
        #expect(owner.sent[FarEnd.first]?[try vpn("42:99", "10.99.0.0/24")]?.label == after[FarEnd.first])
        #expect(owner.violations.isEmpty)
    }

    @Test func `after a restart a neighbor that was up keeps its labels until the restart time is over`() throws {
        let inputs = try noteInputs()
        let labels = running(inputs).table.labels
        let owner = Owner(RoutingTable(labels: labels, awaiting: [FarEnd.first], selectionDeferral: seconds(60)))
        owner.mayInstallWithoutSession = true
        var more = inputs
        more.vrfs["new"] = VRFInputs(name: "new", routeDistinguisher: try #require(RouteDistinguisher("42:7")))
        more.vrfs["new"]?.eligibleNeighbors = [FarEnd.first]
        owner.handle(.configure(more))
        while !owner.toInstall.isEmpty { owner.confirmOne() }
        #expect(Set(owner.installed.map(\.vrf)) == ["one", "two", "three"], "the new VRF's was never told")
        #expect(owner.installed.allSatisfy { labels.labels[$0.owner] == $0.label })
        owner.advance(to: seconds(60))
        #expect(owner.installed.isEmpty)
    }
}
