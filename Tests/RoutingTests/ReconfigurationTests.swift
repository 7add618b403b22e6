import Addressing
import BGP
import Routing
import Testing

@Suite struct ReconfigurationTests {
    private let key = IPPrefix("10.2.0.0/16")

    private func running(_ inputs: RoutingInputs) throws -> Owner {
        let owner = Owner()
        owner.handle(.configure(inputs))
        for (neighbor, system, identifier) in [(FarEnd.first, FarEnd.firstAS, 4), (FarEnd.second, FarEnd.secondAS, 8)] {
            owner.handle(.established(neighbor: neighbor, session(identifier: UInt8(identifier))))
            for number in 1...3 {
                owner.handle(
                    .update(
                        neighbor: neighbor,
                        try announcement(
                            vpn("\(system):\(number)", "10.2.0.0/16"), label: 500 + UInt32(number),
                            attributes(from: neighbor, targets: ["42:\(number)"], path: [system]))))
            }
        }
        owner.drain()
        return owner
    }

    @Test func `the same inputs have no effect`() throws {
        let inputs = try noteInputs()
        #expect(try running(inputs).handle(.configure(inputs)).isEmpty)
    }

    @Test func `a new VRF has effects of its own only`() throws {
        var inputs = try noteInputs()
        let owner = try running(inputs)
        var four = VRFInputs(name: "four", routeDistinguisher: try #require(RouteDistinguisher("42:4")))
        four.eligibleNeighbors = [FarEnd.first]
        four.circuitAddresses = [
            CircuitAddress(circuit: "ten9/0", address: try #require(InterfaceAddress("10.4.0.1/32")))
        ]
        inputs.vrfs["four"] = four
        let effects = owner.handle(.configure(inputs))
        let binding = LabelBinding(
            owner: try noteOwner("four", inputs: inputs), label: try #require(allocated(owner.table, "four")))
        #expect(
            effects == [
                .setRoute(vrf: "four", prefix: try prefix("10.4.0.1/32"), .receive), .saveAllocations,
                .installLabel(binding),
            ])
    }

    @Test func `a VRF that is deleted is one effect on the tables and one withdrawal`() throws {
        var inputs = try noteInputs()
        let owner = try running(inputs)
        inputs.vrfs["two"] = nil
        #expect(
            owner.handle(.configure(inputs)) == [
                .removeAllRoutes(vrf: "two"), .outputReady(neighbor: FarEnd.first),
            ])
        #expect(
            owner.pull(FarEnd.first, limit: 10).first
                == .withdraw(neighbor: FarEnd.first, [.vpn(try vpn("42:2", "10.1.0.0/24"))]))
        #expect(owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.receivedCount == 2)
    }

    @Test func `a VRF with another number has its routes there, and nobody outside notices`() throws {
        var inputs = try noteInputs()
        let owner = try running(inputs)
        let routes = try #require(owner.fib["one"])
        let sent = owner.sent
        let old = try #require(inputs.vrfs["one"])
        var new = VRFInputs(name: "one", number: "one elsewhere", routeDistinguisher: old.routeDistinguisher)
        new.importTargets = old.importTargets
        new.exportTargets = old.exportTargets
        new.eligibleNeighbors = old.eligibleNeighbors
        new.circuitAddresses = old.circuitAddresses
        new.redistributed = old.redistributed
        inputs.vrfs["one"] = new
        let effects = owner.handle(.configure(inputs))
        #expect(effects.first == .removeAllRoutes(vrf: "one"))
        #expect(owner.fib["one elsewhere"] == routes)
        owner.drain()
        #expect(owner.sent == sent)
        // What comes later is told by the label as before.
        new.circuitAddresses.insert(
            CircuitAddress(circuit: "ten1/8", address: try #require(InterfaceAddress("10.8.0.1/24"))))
        inputs.vrfs["one"] = new
        owner.handle(.configure(inputs))
        owner.drain()
        let added = try #require(owner.sent[FarEnd.first]?[vpn("42:1", "10.8.0.0/24")])
        #expect(added.label == allocated(owner.table, "one"))
        #expect(owner.violations.isEmpty)
    }

    @Test func `another route distinguisher withdraws the old routes and advertises the new`() throws {
        var inputs = try noteInputs()
        let owner = try running(inputs)
        inputs.vrfs["one"]?.routeDistinguisher = try #require(RouteDistinguisher("42:100"))
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[FarEnd.first]?[try vpn("42:1", "10.1.0.0/24")] == nil)
        #expect(owner.sent[FarEnd.first]?[try vpn("42:100", "10.1.0.0/24")] != nil)
    }

    @Test func `other export targets advertise the VRF's routes anew and nothing else`() throws {
        var inputs = try noteInputs()
        let owner = try running(inputs)
        inputs.vrfs["one"]?.exportTargets = [try target("42:77")]
        owner.handle(.configure(inputs))
        let batch = owner.pull(FarEnd.first, limit: 10)
        #expect(batch.count == 1)
        let sent = owner.sent[FarEnd.first]?[try vpn("42:1", "10.1.0.0/24")]
        #expect(sent?.attributes.routeTargets == [try target("42:77")])
    }

    @Test func `routes move with the import targets`() throws {
        var inputs = try noteInputs()
        let owner = try running(inputs)
        let key = try #require(key)
        inputs.vrfs["one"]?.importTargets = [try target("42:2")]
        let action = ForwardingAction.labelled(neighbor: FarEnd.first, label: try label(502))
        #expect(owner.handle(.configure(inputs)).contains(.setRoute(vrf: "one", prefix: key, action)))
        #expect(owner.fib["one"]?[key] == action)
        #expect(owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.receivedCount == 2)
    }

    @Test func `another AS or another address on the NNI ends the session`() throws {
        let inputs = try noteInputs()
        for change in 0..<3 {
            let owner = try running(inputs)
            var changed = inputs
            switch change {
            case 0: changed.neighbors[FarEnd.first]?.remoteAutonomousSystem = 65009
            case 1: changed.neighbors[FarEnd.first]?.localAddress = try address("1.2.3.7")
            default: changed.neighbors[FarEnd.first]?.nni = "ten7/0"
            }
            owner.handle(.configure(changed))
            #expect(owner.resets == [FarEnd.first: .configurationChanged])
            #expect(owner.fib["one"]?[try #require(key)] == nil)
            owner.drain()
            #expect(owner.violations.isEmpty)
        }
    }

    @Test func `a neighbor in our own AS is no Option E neighbor`() throws {
        var inputs = try noteInputs()
        inputs.neighbors[FarEnd.first]?.remoteAutonomousSystem = 42
        let owner = Owner()
        #expect(!owner.handle(.configure(inputs)).contains(.saveAllocations))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.drain()
        #expect(owner.sent[FarEnd.first] == nil)
        #expect(owner.handle(.configure(inputs)).isEmpty)
    }

    @Test func `events of neighbors that are unknown or down have no effect`() throws {
        let owner = Owner()
        owner.handle(.configure(try noteInputs()))
        let stranger = PeerAddress(try address("9.9.9.9"))
        let update = try announcement(vpn("65001:1", "10.2.0.0/16"), label: 500, attributes(targets: ["42:1"]))
        for neighbor in [stranger, FarEnd.first] {
            let events: [RoutingEvent] = [
                .update(neighbor: neighbor, update), .endOfRIB(neighbor: neighbor, .vpnIPv4),
                .routeRefresh(neighbor: neighbor, .vpnIPv4), .refreshBegan(neighbor: neighbor, .vpnIPv4),
                .refreshEnded(neighbor: neighbor, .ipv4Unicast), .familyDisabled(neighbor: neighbor, .vpnIPv6),
                .down(neighbor: neighbor, gracefulRestart: nil),
                .labelsRemoved([LabelBinding(owner: try noteOwner("one"), label: try label(1000))]),
                .labelsInstalled([LabelBinding(owner: try noteOwner("two"), label: try label(1000))]),
            ]
            for event in events { #expect(owner.handle(event).isEmpty, "\(event)") }
            #expect(owner.table.nextBatch(for: neighbor, limit: 0, now: owner.now).isEmpty)
        }
    }
}
