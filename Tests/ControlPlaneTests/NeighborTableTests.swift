import Addressing
import ControlPlane
import PacketFormats
import SeededRandom
import Testing

@Suite struct NeighborTableTests {
    static let own = MACAddress(rawValue: 0x0200_0000_0001)
    static let peer = MACAddress(rawValue: 0x0200_0000_0002)
    static let other = MACAddress(rawValue: 0x0200_0000_0003)
    static let key = NeighborKey(interface: 7, address: .ipv4(IPv4Address(10, 1, 0, 2)))
    static let key6 = NeighborKey(interface: 7, address: IPAddress("2001:db8::2")!)

    static func table(limits: NeighborLimits = NeighborLimits()) -> NeighborTable {
        var table = NeighborTable(limits: limits)
        _ = table.setInterface(interface)
        return table
    }

    static let interface = NeighborInterface(
        number: 7, port: 3, hardwareAddress: own, tags: [EthernetFrame.Tag(identifier: 30)],
        addresses: [InterfaceAddress("10.1.0.1/24")!, InterfaceAddress("2001:db8::1/64")!])

    /// An Ethernet frame with an ARP message, by hand and not by the code under test.
    static func arp(
        _ operation: UInt8, from mac: MACAddress, _ sender: IPv4Address, to target: IPv4Address
    ) -> [UInt8] {
        var frame: [UInt8] = own.octets + mac.octets
        frame += [0x81, 0x00, 0x00, 0x1E, 0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, operation]
        frame += mac.octets + sender.octets
        return frame + [0, 0, 0, 0, 0, 0] + target.octets
    }

    static let reply = arp(2, from: peer, IPv4Address(10, 1, 0, 2), to: IPv4Address(10, 1, 0, 1))

    @Test func aNewInterfaceAnnouncesItsAddresses() {
        var table = NeighborTable()
        let effects = table.setInterface(Self.interface)
        #expect(effects.count == 2)
        guard case .transmit(7, let frame) = effects[0] else {
            Issue.record("no announcement")
            return
        }
        var expected: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 30, 8, 6]
        expected += [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 1, 0, 1, 0, 0, 0, 0, 0, 0, 10, 1, 0, 1]
        // Padded to the least that Ethernet sends.
        #expect(frame == expected + [UInt8](repeating: 0, count: 60 - expected.count))
        #expect(table.setInterface(Self.interface).isEmpty)
    }

    @Test func heldPacketsGoWhenTheAnswerComes() {
        var table = Self.table()
        let packet = HeldPacket(vrf: 1, packet: [0x45])
        let asked = table.hold(packet, for: Self.key, now: .zero)
        #expect(asked.count == 1)
        #expect(table[Self.key]?.state == .incomplete)
        let answered = table.receive(frame: Self.reply, interface: 7, now: .seconds(1))
        #expect(answered == [.resolved(Self.key, Self.peer), .release(Self.key, packet)])
        #expect(table[Self.key]?.state == .reachable)
        #expect(table.hold(packet, for: Self.key, now: .seconds(2)) == [.release(Self.key, packet)])
    }

    @Test func onlyAFewPacketsWaitAndTheOldestGoesFirst() {
        var limits = NeighborLimits()
        limits.packetsPerNeighbor = 2
        var table = Self.table(limits: limits)
        for value: UInt8 in 0..<2 { _ = table.hold(HeldPacket(vrf: 1, packet: [value]), for: Self.key, now: .zero) }
        let third = table.hold(HeldPacket(vrf: 1, packet: [2]), for: Self.key, now: .zero)
        #expect(third == [.dropped(Self.key, packets: 1)])
        let answered = table.receive(frame: Self.reply, interface: 7, now: .zero)
        #expect(
            answered == [
                .resolved(Self.key, Self.peer), .release(Self.key, HeldPacket(vrf: 1, packet: [1])),
                .release(Self.key, HeldPacket(vrf: 1, packet: [2])),
            ])
    }

    @Test func aNeighborThatDoesNotAnswerFailsAfterThreeQuestions() {
        var table = Self.table()
        let packet = HeldPacket(vrf: 1, packet: [1])
        var questions = table.hold(packet, for: Self.key, now: .zero).count
        var outcome: [NeighborEffect] = []
        for second in 1...3 {
            for effect in table.advance(now: .seconds(second)) {
                if case .transmit = effect { questions += 1 } else { outcome.append(effect) }
            }
        }
        #expect(questions == 3)
        #expect(outcome == [.failed(Self.key), .undeliverable(Self.key, packet)])
        #expect(
            table.hold(HeldPacket(vrf: 1, packet: [1]), for: Self.key, now: .seconds(4))
                == [.dropped(Self.key, packets: 1)])
        #expect(table.advance(now: .seconds(60)) == [.removed(Self.key)])
        #expect(table.neighbors.isEmpty)
    }

    @Test func aWantedNeighborIsAskedForAgainAndAgain() {
        var table = Self.table()
        _ = table.want(Self.key, now: .zero)
        for second in 1...100 { _ = table.advance(now: .seconds(second)) }
        #expect(table[Self.key]?.state == .failed)
        #expect(
            table.receive(frame: Self.reply, interface: 7, now: .seconds(101)) == [.resolved(Self.key, Self.peer)])
        table.release(Self.key, now: .seconds(102))
        for second in 103...300 { _ = table.advance(now: .seconds(second)) }
        #expect(table[Self.key] == nil)
    }

    @Test func anAddressAgesIsAskedForAndKept() {
        var table = Self.table()
        _ = table.want(Self.key, now: .zero)
        _ = table.receive(frame: Self.reply, interface: 7, now: .zero)
        #expect(table.advance(now: .seconds(29)).isEmpty)
        #expect(table.advance(now: .seconds(30)).isEmpty)
        #expect(table[Self.key]?.state == .stale)
        let probes = table.advance(now: .seconds(60))
        #expect(table[Self.key]?.state == .probe)
        // The question goes to the address that is to be confirmed.
        guard case .transmit(7, let frame) = probes.first else {
            Issue.record("no probe")
            return
        }
        #expect(Array(frame[0..<6]) == Self.peer.octets)
        #expect(table.receive(frame: Self.reply, interface: 7, now: .seconds(61)).isEmpty)
        #expect(table[Self.key]?.state == .reachable)
    }

    @Test func aRequestForOurAddressIsAnsweredAndItsSenderLearnt() {
        var table = Self.table()
        let request = Self.arp(1, from: Self.peer, IPv4Address(10, 1, 0, 2), to: IPv4Address(10, 1, 0, 1))
        let effects = table.receive(frame: request, interface: 7, now: .zero)
        #expect(effects.first == .resolved(Self.key, Self.peer))
        guard case .transmit(7, let frame) = effects.last else {
            Issue.record("no answer")
            return
        }
        #expect(Array(frame[0..<6]) == Self.peer.octets)
        #expect(Array(frame[24..<26]) == [0, 2])
        #expect(Array(frame[26..<36]) == Self.own.octets + [10, 1, 0, 1])
    }

    @Test(arguments: [
        // (sender hardware, sender, target): not on the subnet, ours, a group, the subnet's own and broadcast address
        (peer, IPv4Address(10, 2, 0, 2)), (other, IPv4Address(10, 1, 0, 1)), (.broadcast, IPv4Address(10, 1, 0, 2)),
        (peer, IPv4Address(10, 1, 0, 0)), (peer, IPv4Address(10, 1, 0, 255)), (peer, IPv4Address(224, 0, 0, 1)),
        (MACAddress(rawValue: 0), IPv4Address(10, 1, 0, 2)), (own, IPv4Address(10, 1, 0, 2)),
    ])
    func nothingIsLearntFrom(_ mac: MACAddress, _ sender: IPv4Address) {
        var table = Self.table()
        let request = Self.arp(1, from: mac, sender, to: IPv4Address(10, 1, 0, 1))
        _ = table.receive(frame: request, interface: 7, now: .zero)
        #expect(table.neighbors.isEmpty)
    }

    @Test func ourAddressIsDefendedButNotInALoop() {
        var table = Self.table()
        let claim = Self.arp(2, from: Self.other, IPv4Address(10, 1, 0, 1), to: IPv4Address(10, 1, 0, 1))
        let effects = table.receive(frame: claim, interface: 7, now: .seconds(100))
        #expect(effects.count == 2)
        let own = IPAddress.ipv4(IPv4Address(10, 1, 0, 1))
        #expect(effects.last == .conflict(interface: 7, address: own, with: Self.other))
        #expect(table.receive(frame: claim, interface: 7, now: .seconds(101)).isEmpty)
        #expect(table.receive(frame: claim, interface: 7, now: .seconds(111)).count == 2)
    }

    @Test func neighborsOfAnInterfaceAreBounded() {
        var limits = NeighborLimits()
        limits.neighborsPerInterface = 10
        var table = Self.table(limits: limits)
        for host: UInt8 in 2..<200 {
            let key = NeighborKey(interface: 7, address: .ipv4(IPv4Address(10, 1, 0, host)))
            _ = table.hold(HeldPacket(vrf: 1, packet: [1]), for: key, now: .zero)
        }
        #expect(table.neighbors.count == 10)
        // What a route needs has its place all the same.
        let wanted = NeighborKey(interface: 7, address: .ipv4(IPv4Address(10, 1, 0, 250)))
        #expect(table.want(wanted, now: .zero).count == 1)
    }

    private static func host(_ number: UInt8) -> NeighborKey {
        NeighborKey(interface: 7, address: .ipv4(IPv4Address(10, 1, 0, number)))
    }

    @Test func aScanOfTheSubnetLeavesRoomForThoseWhoSpeakAndForTheNextHost() {
        var limits = NeighborLimits()
        limits.neighborsPerInterface = 20
        limits.unansweredPerInterface = 5
        var table = Self.table(limits: limits)
        for number: UInt8 in 20..<250 {
            _ = table.hold(HeldPacket(vrf: 1, packet: [1]), for: Self.host(number), now: .zero)
        }
        // The five that were asked for last.
        #expect(Set(table.neighbors.keys) == Set((245..<250).map { Self.host($0) }))
        // A host that speaks, and one that a packet asks for in the middle of the scan.
        let request = Self.arp(1, from: Self.peer, IPv4Address(10, 1, 0, 2), to: IPv4Address(10, 1, 0, 1))
        #expect(table.receive(frame: request, interface: 7, now: .zero).first == .resolved(Self.key, Self.peer))
        _ = table.hold(HeldPacket(vrf: 1, packet: [7]), for: Self.host(3), now: .zero)
        for number: UInt8 in 20..<24 {
            _ = table.hold(HeldPacket(vrf: 1, packet: [1]), for: Self.host(number), now: .zero)
        }
        let answer = Self.arp(2, from: Self.other, IPv4Address(10, 1, 0, 3), to: IPv4Address(10, 1, 0, 1))
        #expect(
            table.receive(frame: answer, interface: 7, now: .zero) == [
                .resolved(Self.host(3), Self.other), .release(Self.host(3), HeldPacket(vrf: 1, packet: [7])),
            ])
        // Who has answered is not counted with the strangers and gives way to none of them.
        for number: UInt8 in 20..<250 {
            _ = table.hold(HeldPacket(vrf: 1, packet: [1]), for: Self.host(number), now: .zero)
        }
        #expect(table[Self.key]?.state == .reachable)
        #expect(table[Self.host(3)]?.state == .reachable)
        #expect(table.neighbors.count == 7)
    }

    @Test func whoSpeaksTakesThePlaceOfWhoDoesNotAnswer() {
        var limits = NeighborLimits()
        limits.neighborsPerInterface = 4
        limits.unansweredPerInterface = 4
        var table = Self.table(limits: limits)
        for number: UInt8 in 20..<24 {
            _ = table.hold(HeldPacket(vrf: 1, packet: [1]), for: Self.host(number), now: .zero)
        }
        let request = Self.arp(1, from: Self.peer, IPv4Address(10, 1, 0, 2), to: IPv4Address(10, 1, 0, 1))
        #expect(
            table.receive(frame: request, interface: 7, now: .zero).prefix(3) == [
                .dropped(Self.host(20), packets: 1), .removed(Self.host(20)), .resolved(Self.key, Self.peer),
            ])
    }

    @Test func packetsThatWaitOnOneInterfaceLeaveRoomForTheOthers() {
        var limits = NeighborLimits()
        limits.packetsPerInterface = 3
        var table = Self.table(limits: limits)
        let elsewhere = NeighborInterface(
            number: 8, port: 4, hardwareAddress: Self.own, tags: [], addresses: [InterfaceAddress("10.8.0.1/24")!])
        _ = table.setInterface(elsewhere)
        for number: UInt8 in 20..<30 {
            let packet = HeldPacket(vrf: 1, packet: [number])
            let isDropped = table.hold(packet, for: Self.host(number), now: .zero)
                .contains(.dropped(Self.host(number), packets: 1))
            #expect(isDropped == (number >= 23))
        }
        let other = NeighborKey(interface: 8, address: .ipv4(IPv4Address(10, 8, 0, 2)))
        _ = table.hold(HeldPacket(vrf: 2, packet: [1]), for: other, now: .zero)
        #expect(table[other]?.waitingPackets == 1)
        // When they have failed, their places are free again.
        for second in 1...4 { _ = table.advance(now: .seconds(second)) }
        _ = table.hold(HeldPacket(vrf: 1, packet: [1]), for: Self.host(40), now: .seconds(4))
        #expect(table[Self.host(40)]?.waitingPackets == 1)
    }

    @Test func aHostThatHasAnotherAddressIsAskedForByBroadcastAtOnceAfterTheLastProbe() {
        var table = Self.table()
        _ = table.want(Self.key, now: .zero)
        _ = table.receive(frame: Self.reply, interface: 7, now: .zero)
        var destinations: [[UInt8]] = []
        for second in 30...62 {
            for case .transmit(_, let frame) in table.advance(now: .seconds(second)) {
                destinations.append(Array(frame[0..<6]))
            }
        }
        let peer = Self.peer.octets
        #expect(destinations == [peer, peer, peer, MACAddress.broadcast.octets])
        // It is used meanwhile, and the answer changes it without a moment of failure.
        let moved = Self.arp(2, from: Self.other, IPv4Address(10, 1, 0, 2), to: IPv4Address(10, 1, 0, 1))
        #expect(table.receive(frame: moved, interface: 7, now: .seconds(62)) == [.resolved(Self.key, Self.other)])
        #expect(table[Self.key]?.state == .reachable)
    }

    @Test func solicitationAndAdvertisementGoTogether() {
        var near = Self.table()
        var far = NeighborTable()
        _ = far.setInterface(
            NeighborInterface(
                number: 7, port: 0, hardwareAddress: Self.peer, tags: Self.interface.tags,
                addresses: [InterfaceAddress("2001:db8::2/64")!]))
        guard case .transmit(_, let question) = near.want(Self.key6, now: .zero).first else {
            Issue.record("no solicitation")
            return
        }
        // 33:33 and the end of the solicited-node address.
        #expect(Array(question[0..<6]) == [0x33, 0x33, 0xFF, 0, 0, 2])
        let answers = far.receive(frame: question, interface: 7, now: .zero)
        guard case .transmit(_, let answer) = answers.last else {
            Issue.record("no advertisement")
            return
        }
        #expect(near.receive(frame: answer, interface: 7, now: .zero) == [.resolved(Self.key6, Self.peer)])
        #expect(near[Self.key6]?.state == .reachable)
        // The far side has learnt the near one from its question, and not confirmed it.
        #expect(far[NeighborKey(interface: 7, address: IPAddress("2001:db8::1")!)]?.state == .stale)
    }

    @Test func aRestoredNeighborIsUsedAtOnceAndAskedForLater() {
        var table = Self.table()
        let restored = table.restore(Self.key, hardwareAddress: Self.peer, now: .zero)
        #expect(restored == [.resolved(Self.key, Self.peer)])
        #expect(table[Self.key]?.state == .stale)
        _ = table.advance(now: .seconds(30))
        #expect(table[Self.key]?.state == .probe)
        let elsewhere = NeighborKey(interface: 7, address: .ipv4(IPv4Address(10, 9, 0, 2)))
        #expect(table.restore(elsewhere, hardwareAddress: Self.peer, now: .zero).isEmpty)
    }

    @Test func whatIsOffTheLinkAfterAChangeIsForgotten() {
        var table = Self.table()
        _ = table.restore(Self.key, hardwareAddress: Self.peer, now: .zero)
        var changed = Self.interface
        changed.addresses = [InterfaceAddress("10.2.0.1/24")!]
        #expect(table.setInterface(changed).contains(.removed(Self.key)))
        #expect(table.removeInterface(7).isEmpty)
        #expect(table.neighbors.isEmpty)
    }

    /// Whatever comes in, nothing traps, the bounds hold, and every neighbor is one that can be there.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func randomFramesKeepTheTableSound(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var limits = NeighborLimits()
        limits.neighborsPerInterface = 20
        limits.packets = 30
        var table = Self.table(limits: limits)
        for step in 0..<5000 {
            var frame = Self.arp(
                UInt8.random(in: 0...3, using: &generator), from: Self.peer,
                IPv4Address(10, 1, 0, UInt8.random(in: 0...255, using: &generator)),
                to: IPv4Address(10, 1, 0, UInt8.random(in: 0...4, using: &generator)))
            if Bool.random(using: &generator) {
                frame[Int.random(in: 0..<frame.count, using: &generator)] ^= UInt8.random(
                    in: 1...255, using: &generator)
            }
            if Int.random(in: 0..<10, using: &generator) == 0 {
                frame.removeLast(Int.random(in: 0...frame.count, using: &generator))
            }
            _ = table.receive(frame: frame, interface: 7, now: .milliseconds(step * 50))
            let key = NeighborKey(
                interface: 7, address: .ipv4(IPv4Address(10, 1, 0, UInt8.random(in: 0...255, using: &generator))))
            _ = table.hold(HeldPacket(vrf: 1, packet: [1]), for: key, now: .milliseconds(step * 50))
            _ = table.advance(now: .milliseconds(step * 50))
            #expect(table.neighbors.count <= 20, "seed \(seed)")
            for (key, entry) in table.neighbors {
                #expect(Self.interface.ownAddress(towards: key.address) != nil, "seed \(seed)")
                #expect(entry.hardwareAddress?.isGroup != true, "seed \(seed)")
            }
        }
    }
}
