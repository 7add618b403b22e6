import Addressing
import ControlPlane
import Testing

/// Which way leads to a PE, and which PEs another one leads to after a change.
@Suite struct CoreTransportsTests {
    private static let interface: InterfaceNumber = 3
    private static let router = address("10.98.0.1")
    private static let provider = address("10.0.0.7")

    private static func address(_ text: String) -> IPAddress {
        guard let address = IPAddress(text) else { fatalError("\(text) is no address") }
        return address
    }

    private static func prefix(_ text: String) -> IPPrefix {
        guard let prefix = IPPrefix(text) else { fatalError("\(text) is no prefix") }
        return prefix
    }

    private static func labels(_ values: UInt32...) -> [MPLSLabel] { values.compactMap { MPLSLabel(rawValue: $0) } }

    private static func way(by nextHop: String, _ values: UInt32...) -> LearntWay {
        LearntWay(nextHop: address(nextHop), labels: values.compactMap { MPLSLabel(rawValue: $0) })
    }

    private static func plan(_ bindings: CorePlan.Way..., link: String = "10.98.0.2/24") -> CorePlan {
        guard let own = InterfaceAddress(link) else { fatalError("\(link) is no address") }
        return CorePlan(links: [CorePlan.Link(interface: interface, address: own)], bindings: bindings)
    }

    private static func transports(_ plan: CorePlan = plan()) -> CoreTransports {
        let transports = CoreTransports()
        transports.adopt(plan)
        return transports
    }

    @Test func `what is on a core interface's subnet is reached at once, whatever is learnt`() {
        let transports = Self.transports()
        transports.set(.labelledUnicast, Self.prefix("10.98.0.1/32"), [Self.way(by: "10.98.0.9", 20)])
        let transport = transports.transport(to: Self.router)
        #expect(transport?.labels == [] && transport?.source == .connected)
        #expect(transport?.router == NeighborKey(interface: Self.interface, address: Self.router))
        #expect(transports.find(Self.provider) == .failure(.noWay))
    }

    @Test func `the longest prefix comes before the source, and the source decides among equals`() {
        let binding = CorePlan.Way(prefix: Self.prefix("10.0.0.0/24"), router: Self.router, labels: Self.labels(100))
        let transports = Self.transports(Self.plan(binding))
        #expect(transports.transport(to: Self.provider)?.source == .staticBinding)
        transports.set(.frr, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.98.0.1", 200)])
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(200))
        transports.set(.labelledUnicast, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.98.0.5", 300)])
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(300))
        #expect(transports.transport(to: Self.address("10.0.0.8"))?.labels == Self.labels(100))
        transports.set(.labelledUnicast, Self.prefix("10.0.0.7/32"), [])
        #expect(transports.transport(to: Self.provider)?.source == .frr)
        transports.set(.frr, Self.prefix("10.0.0.7/32"), [])
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(100))
    }

    @Test func `a next hop behind the core is reached by the way to it, with those labels outside`() {
        let transports = Self.transports()
        transports.set(.labelledUnicast, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.0.1.1", 300)])
        #expect(
            transports.find(Self.provider)
                == .failure(.unreachableNextHop(Self.address("10.0.1.1"), .labelledUnicast)))
        transports.set(.frr, Self.prefix("10.0.1.0/24"), [Self.way(by: "10.98.0.1", 16001)])
        let transport = transports.transport(to: Self.provider)
        #expect(transport?.labels == Self.labels(16001, 300) && transport?.source == .labelledUnicast)
        #expect(transport?.router.address == Self.router)
    }

    @Test func `a PE that is its own next hop is reached by what another source knows of it`() {
        let transports = Self.transports()
        transports.set(.labelledUnicast, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.0.0.7", 0)])
        #expect(transports.transport(to: Self.provider) == nil)
        transports.set(.frr, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.98.0.1", 16007)])
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(16007, 0))
    }

    @Test func `only one way is followed to a next hop, and two that name each other lead nowhere`() {
        let transports = Self.transports()
        transports.set(.labelledUnicast, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.0.1.1", 300)])
        transports.set(.labelledUnicast, Self.prefix("10.0.1.1/32"), [Self.way(by: "10.0.0.7", 301)])
        #expect(transports.transport(to: Self.provider) == nil)
        transports.set(.labelledUnicast, Self.prefix("10.0.1.1/32"), [Self.way(by: "10.0.2.1", 301)])
        transports.set(.frr, Self.prefix("10.0.2.1/32"), [Self.way(by: "10.98.0.1")])
        #expect(transports.transport(to: Self.provider) == nil)
        #expect(transports.transport(to: Self.address("10.0.1.1"))?.labels == Self.labels(301))
    }

    @Test func `of a source's ways the first that leads anywhere is taken, and all are known`() {
        let transports = Self.transports()
        let prefix = Self.prefix("10.0.0.7/32")
        let lost = Self.way(by: "10.0.2.1", 300)
        let ways = [Self.way(by: "10.98.0.1", 301), Self.way(by: "10.98.0.5", 302)]
        transports.set(.labelledUnicast, prefix, [lost] + ways)
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(301))
        #expect(transports.standingWays.map(\.way) == [lost] + ways)
        #expect(
            transports.standingWays.first?.obstacle
                == .unreachableNextHop(Self.address("10.0.2.1"), .labelledUnicast))
        #expect(transports.standingWays.dropFirst().allSatisfy { $0.source == .labelledUnicast && $0.obstacle == nil })
        // The same in another order is a change.
        transports.watch(Self.provider)
        _ = transports.takeChanges()
        transports.set(.labelledUnicast, prefix, [lost] + ways.reversed())
        #expect(transports.takeChanges() == [Self.provider])
        // What another source knows comes behind all of them.
        transports.set(.frr, prefix, [Self.way(by: "10.98.0.1", 400)])
        transports.set(.labelledUnicast, prefix, [lost])
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(400))
        transports.set(.labelledUnicast, prefix, [])
        #expect(transports.standingWays.map(\.source) == [.frr])
    }

    @Test func `more labels than a packet can get are said, and a shorter prefix serves`() {
        let transports = Self.transports()
        transports.set(.labelledUnicast, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.98.0.1", 1, 2, 3)])
        #expect(transports.find(Self.provider) == .failure(.tooManyLabels(3, .labelledUnicast)))
        transports.set(.frr, Self.prefix("10.0.0.0/8"), [Self.way(by: "10.98.0.1", 77)])
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(77))
    }

    @Test func `a next hop on a named interface needs that interface and no subnet`() throws {
        let transports = Self.transports()
        let nextHop = Self.address("fe80::1")
        let prefix = Self.prefix("2001:db8::7/128")
        transports.set(.frr, prefix, [LearntWay(nextHop: nextHop, interface: Self.interface, labels: Self.labels(50))])
        let transport = try #require(transports.transport(to: prefix.address))
        #expect(transport.router == NeighborKey(interface: Self.interface, address: nextHop))
        transports.set(.frr, prefix, [LearntWay(nextHop: nextHop, interface: 4, labels: Self.labels(50))])
        #expect(transports.transport(to: prefix.address) == nil)
    }

    private static func tunnels(
        _ prefix: String, from source: String = "10.0.0.1", routes: [CorePlan.Way], isByCommunity: Bool = false
    ) -> CorePlan {
        guard let own = InterfaceAddress("10.98.0.2/24") else { fatalError("no address") }
        let tunnels = CorePlan.Tunnels(
            prefix: Self.prefix(prefix), source: address(source), hasChecksum: false, isByCommunity: isByCommunity)
        return CorePlan(
            links: [CorePlan.Link(interface: interface, address: own)], routes: routes, tunnels: [tunnels])
    }

    @Test func `a tunnel goes where the box's own packets go, and gives way to labels of the same prefix`() {
        let route = CorePlan.Way(prefix: Self.prefix("10.0.0.0/16"), router: Self.router)
        let transports = Self.transports(Self.tunnels("10.0.0.0/24", routes: []))
        #expect(transports.find(Self.provider) == .failure(.unreachableNextHop(Self.provider, .udp)))
        transports.watch(Self.provider)
        transports.adopt(Self.tunnels("10.0.0.0/24", routes: [route]))
        #expect(transports.takeChanges() == [Self.provider])
        let transport = transports.transport(to: Self.provider)
        #expect(transport?.source == .udp && transport?.labels == [] && transport?.router.address == Self.router)
        let tunnel = UDPTunnel(source: Self.address("10.0.0.1"), destination: Self.provider, hasChecksum: false)
        #expect(transport?.tunnel == tunnel)
        transports.set(.frr, Self.prefix("10.0.0.0/24"), [Self.way(by: "10.98.0.1", 200)])
        #expect(transports.transport(to: Self.provider)?.source == .frr)
        transports.set(.frr, Self.prefix("10.0.0.0/24"), [])
        // To the router itself nothing is put into UDP.
        #expect(transports.transport(to: Self.router)?.source == .connected)
        transports.adopt(Self.plan())
        #expect(transports.find(Self.provider) == .failure(.noWay))
    }

    @Test func `where the configuration asks for it a PE has to say that it takes tunnels`() {
        let route = CorePlan.Way(prefix: Self.prefix("10.0.0.0/16"), router: Self.router)
        let transports = Self.transports(Self.tunnels("10.0.0.0/24", routes: [route], isByCommunity: true))
        transports.watch(Self.provider)
        _ = transports.takeChanges()
        #expect(transports.find(Self.provider) == .failure(.tunnelNotOffered))
        #expect(transports.standingWays.map(\.obstacle) == [nil])
        let other = Self.address("10.0.1.7")
        transports.setOffering([Self.provider, other])
        #expect(transports.takeChanges() == [Self.provider])
        #expect(transports.transport(to: Self.provider)?.tunnel?.destination == Self.provider)
        // Nothing that is not configured opens a tunnel.
        #expect(transports.find(other) == .failure(.noWay))
        transports.setOffering([other])
        #expect(transports.takeChanges() == [Self.provider])
        #expect(transports.find(Self.provider) == .failure(.tunnelNotOffered))
        // Whoever has another transport needs not say so.
        transports.set(.frr, Self.prefix("10.0.0.0/24"), [Self.way(by: "10.98.0.1", 200)])
        #expect(transports.transport(to: Self.provider)?.source == .frr)
    }

    @Test func `a next hop that a tunnel leads to has the way's labels inside`() {
        let route = CorePlan.Way(prefix: Self.prefix("10.0.0.0/16"), router: Self.router)
        let transports = Self.transports(Self.tunnels("10.0.1.0/24", routes: [route]))
        transports.set(.labelledUnicast, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.0.1.1", 300)])
        let transport = transports.transport(to: Self.provider)
        #expect(transport?.labels == Self.labels(300) && transport?.source == .labelledUnicast)
        #expect(transport?.tunnel?.destination == Self.address("10.0.1.1"))
    }

    @Test func `over an interface without link nothing leads, and what has another way takes it`() throws {
        let other: InterfaceNumber = 4
        let links = try [(Self.interface, "10.98.0.2/24"), (other, "10.99.0.2/24")].map { interface, address in
            CorePlan.Link(interface: interface, address: try #require(InterfaceAddress(address)))
        }
        let tunnels = CorePlan.Tunnels(
            prefix: Self.prefix("10.0.9.0/24"), source: Self.address("10.0.0.1"), hasChecksum: false)
        let route = CorePlan.Way(prefix: Self.prefix("10.0.9.0/24"), router: Self.router)
        let transports = Self.transports(CorePlan(links: links, routes: [route], tunnels: [tunnels]))
        let (near, behindTunnel) = (Self.router, Self.address("10.0.9.9"))
        transports.set(
            .labelledUnicast, Self.prefix("10.0.0.7/32"),
            [Self.way(by: "10.98.0.1", 20), Self.way(by: "10.99.0.1", 30)])
        for provider in [Self.provider, near, behindTunnel] { transports.watch(provider) }
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(20))
        transports.setWithoutLink([Self.interface])
        #expect(transports.takeChanges() == [Self.provider, near, behindTunnel])
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(30))
        #expect(transports.find(near) == .failure(.unreachableNextHop(near, .connected)))
        #expect(transports.find(behindTunnel) == .failure(.unreachableNextHop(behindTunnel, .udp)))
        transports.setWithoutLink([Self.interface, other])
        #expect(transports.transport(to: Self.provider) == nil)
        transports.setWithoutLink([])
        #expect(transports.takeChanges() == [Self.provider, near, behindTunnel])
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(20))
        #expect(transports.transport(to: near)?.source == .connected)
        #expect(transports.transport(to: behindTunnel)?.tunnel != nil)
    }

    @Test func `a change is told once, of the PEs alone that it leads to`() {
        let transports = Self.transports()
        let other = Self.address("10.0.0.8")
        for provider in [Self.provider, other] { transports.watch(provider) }
        _ = transports.takeChanges()
        _ = transports.takeUnreported()
        let host = Self.prefix("10.0.0.7/32")
        transports.set(.frr, host, [Self.way(by: "10.98.0.1", 200)])
        #expect(transports.takeChanges() == [Self.provider] && transports.takeChanges().isEmpty)
        #expect(transports.takeUnreported() == [Self.provider] && transports.takeUnreported().isEmpty)
        // The same again, and what leads to nobody who is watched.
        transports.set(.frr, host, [Self.way(by: "10.98.0.1", 200)])
        transports.set(.frr, Self.prefix("10.0.3.0/24"), [Self.way(by: "10.98.0.1", 200)])
        // A shorter prefix than that which is used.
        transports.set(.frr, Self.prefix("10.0.0.0/30"), [Self.way(by: "10.98.0.1", 201)])
        #expect(transports.takeChanges().isEmpty)
        transports.set(.frr, Self.prefix("10.0.0.0/24"), [Self.way(by: "10.98.0.1", 202)])
        #expect(transports.takeChanges() == [other])
        // Gone and back before anybody asked.
        transports.set(.frr, host, [])
        transports.set(.frr, host, [Self.way(by: "10.98.0.1", 200)])
        #expect(transports.takeChanges().isEmpty)
        transports.set(.frr, host, [])
        #expect(transports.takeChanges() == [Self.provider])
        transports.watchOnly([other])
        transports.set(.frr, Self.prefix("10.0.0.0/24"), [])
        #expect(transports.takeChanges() == [other] && transports.watchedProviders == [other])
    }

    @Test func `a changed way to a next hop is a change for the PEs behind it`() {
        let transports = Self.transports()
        transports.set(.labelledUnicast, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.0.1.1", 300)])
        transports.watch(Self.provider)
        transports.watch(Self.address("10.0.0.8"))
        _ = transports.takeChanges()
        for label: UInt32 in [16001, 16002] {
            transports.set(.frr, Self.prefix("10.0.1.1/32"), [Self.way(by: "10.98.0.1", label)])
            #expect(transports.takeChanges() == [Self.provider])
            #expect(transports.transport(to: Self.provider)?.labels == Self.labels(label, 300))
        }
        transports.set(.labelledUnicast, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.98.0.5", 300)])
        #expect(transports.takeChanges() == [Self.provider])
        transports.set(.frr, Self.prefix("10.0.1.1/32"), [])
        #expect(transports.takeChanges().isEmpty)
    }

    @Test func `another configuration takes bindings back and leaves alone what is learnt`() {
        let binding = CorePlan.Way(prefix: Self.prefix("10.0.0.7/32"), router: Self.router, labels: Self.labels(100))
        let transports = Self.transports(Self.plan(binding))
        transports.set(.frr, Self.prefix("10.0.0.7/32"), [Self.way(by: "10.98.0.1", 200)])
        transports.watch(Self.provider)
        _ = transports.takeChanges()
        transports.adopt(Self.plan())
        #expect(transports.takeChanges() == [Self.provider])
        #expect(transports.transport(to: Self.provider)?.labels == Self.labels(200))
        transports.adopt(Self.plan(link: "10.97.0.2/24"))
        #expect(transports.takeChanges() == [Self.provider])
        #expect(transports.transport(to: Self.provider) == nil)
    }

    @Test func `ten thousand learnt prefixes are found, and one that changes is one change`() {
        let transports = Self.transports()
        let providers = (0..<10_000).map { IPAddress.ipv4(IPv4Address(rawValue: 0x0A01_0000 + UInt32($0))) }
        for (index, provider) in providers.enumerated() {
            transports.set(.frr, IPPrefix(host: provider), [Self.way(by: "10.98.0.1", 16000 + UInt32(index))])
            transports.watch(provider)
        }
        _ = transports.takeChanges()
        for (index, provider) in providers.enumerated() {
            #expect(transports.transport(to: provider)?.labels == Self.labels(16000 + UInt32(index)))
            transports.set(.frr, IPPrefix(host: provider), [Self.way(by: "10.98.0.1", 17)])
            #expect(transports.takeChanges() == [provider])
        }
    }
}
