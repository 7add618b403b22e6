import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import Testing

/// Neighbors of interfaces that lose their link.
@Suite struct NeighborLinkTests {
    private static let key = NeighborTableTests.key
    private static let mac = NeighborTableTests.peer

    private static func request() -> [UInt8] {
        NeighborTableTests.arp(1, from: mac, IPv4Address(10, 1, 0, 2), to: IPv4Address(10, 1, 0, 1))
    }

    @Test func `a neighbor that nobody needs is forgotten, and is not learnt again without a link`() {
        var table = NeighborTableTests.table()
        _ = table.receive(frame: Self.request(), interface: 7, now: .zero)
        #expect(table[Self.key]?.state == .reachable)
        #expect(table.setWithoutLink([7], now: .seconds(1)) == [.removed(Self.key)])
        _ = table.receive(frame: Self.request(), interface: 7, now: .seconds(2))
        #expect(table.neighbors.isEmpty)
        // A packet for somebody there is not kept and asks for nobody.
        let effects = table.hold(HeldPacket(vrf: 1, packet: [1]), for: Self.key, now: .seconds(2))
        #expect(effects == [.dropped(Self.key, packets: 1)])
        #expect(table.setWithoutLink([], now: .seconds(3)).isEmpty)
        _ = table.receive(frame: Self.request(), interface: 7, now: .seconds(3))
        #expect(table[Self.key]?.state == .reachable)
    }

    @Test func `a neighbor that a route needs has failed at once, and is asked for when the link is back`() {
        var table = NeighborTableTests.table()
        _ = table.want(Self.key, now: .zero)
        _ = table.receive(frame: Self.request(), interface: 7, now: .zero)
        #expect(table.setWithoutLink([7], now: .seconds(1)) == [.failed(Self.key)])
        #expect(table.setWithoutLink([7], now: .seconds(1)).isEmpty)
        for second in 2...20 { #expect(table.advance(now: .seconds(second)).isEmpty) }
        _ = table.receive(frame: Self.request(), interface: 7, now: .seconds(20))
        #expect(table[Self.key]?.state == .failed)
        _ = table.setWithoutLink([], now: .seconds(21))
        let effects = table.advance(now: .seconds(21))
        guard case .transmit(7, _)? = effects.first, effects.count == 1 else {
            Issue.record("the neighbor is not asked for")
            return
        }
        let answer = table.receive(frame: NeighborTableTests.reply, interface: 7, now: .seconds(21))
        #expect(answer.contains(.resolved(Self.key, Self.mac)))
    }

    @Test func `packets that wait are answered, and a neighbor that comes to be needed meanwhile has failed`() {
        var table = NeighborTableTests.table()
        let held = HeldPacket(vrf: 1, packet: [1])
        _ = table.want(Self.key, now: .zero)
        _ = table.hold(held, for: Self.key, now: .zero)
        #expect(table.setWithoutLink([7], now: .zero) == [.failed(Self.key), .undeliverable(Self.key, held)])
        #expect(table.want(NeighborTableTests.key6, now: .zero) == [.failed(NeighborTableTests.key6)])
        _ = table.removeInterface(7)
        _ = table.setInterface(NeighborTableTests.interface)
        #expect(!table.want(Self.key, now: .zero).isEmpty)
        #expect(table[Self.key]?.state == .incomplete)
    }

    @Test func `other interfaces are not concerned`() {
        var table = NeighborTableTests.table()
        _ = table.receive(frame: Self.request(), interface: 7, now: .zero)
        #expect(table.setWithoutLink([8], now: .zero).isEmpty)
        #expect(table[Self.key]?.state == .reachable)
    }
}
