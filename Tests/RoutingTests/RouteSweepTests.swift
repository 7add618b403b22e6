import Addressing
import BGP
import Routing
import Testing

/// Many routes are removed in portions; what happens in between counts.
@Suite struct RouteSweepTests {
    private static let count = 5000
    private static let limit = 700
    private let prefixes = (0..<Self.count).compactMap { number in
        IPPrefix(covering: .ipv4(IPv4Address(rawValue: 0x1400_0000 + UInt32(number) << 8)), length: 24)
    }

    private func update(_ prefixes: some Collection<IPPrefix>) throws -> Update {
        let distinguisher = try #require(RouteDistinguisher("65001:1"))
        return Update(
            announcing: try prefixes.map {
                AnnouncedRoute(routeDistinguisher: distinguisher, prefix: $0, label: try label(500))
            }, attributes: try attributes(targets: ["42:1"]))
    }

    private func ownerWithRoutes(maximumPrefixes: UInt32? = nil) throws -> Owner {
        let owner = Owner()
        var inputs = try noteInputs()
        inputs.neighbors[FarEnd.first]?.families[.vpnv4] = .init(
            .optionE, prefixLimit: maximumPrefixes.map { PrefixLimit(maximum: $0) })
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        owner.handle(.update(neighbor: FarEnd.first, try update(prefixes)))
        owner.drain()
        return owner
    }

    private func imported(_ owner: Owner) -> Set<IPPrefix> {
        Set(
            owner.fib["one"]?.keys.filter { prefix in prefix.length == 24 && prefix.address >= prefixes[0].address }
                ?? [])
    }

    private func sweep(_ owner: Owner) {
        while owner.table.isSweeping {
            let effects = owner.sweep(limit: Self.limit)
            #expect(effects.count <= Self.limit)
        }
    }

    @Test func aLostSessionsRoutesGoInPortions() throws {
        let owner = try ownerWithRoutes()
        let effects = owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        #expect(effects.allSatisfy { if case .removeLabel = $0 { true } else { false } })
        #expect(imported(owner).count == Self.count)
        sweep(owner)
        #expect(imported(owner).isEmpty)
        #expect(owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, limit: 9).isEmpty)
    }

    /// The session comes back before all is removed: what it announces stays, what it withdraws goes, the rest goes.
    @Test func whatIsAnnouncedAgainStays() throws {
        let owner = try ownerWithRoutes(maximumPrefixes: UInt32(Self.count))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        owner.sweep(limit: Self.limit)
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        owner.handle(.update(neighbor: FarEnd.first, try update(prefixes[1000..<3000])))
        owner.sweep(limit: Self.limit)
        let withdrawn = try prefixes[2000..<2100].map {
            NLRI.vpn(VPNPrefix(routeDistinguisher: try #require(RouteDistinguisher("65001:1")), prefix: $0))
        }
        owner.handle(.update(neighbor: FarEnd.first, Update(withdrawing: withdrawn)))
        sweep(owner)
        #expect(imported(owner) == Set(prefixes[1000..<2000] + prefixes[2100..<3000]))
        #expect(owner.resets.isEmpty)
    }

    /// What is still to be removed does not count against the new session's maximum, and what it announces does.
    @Test func theMaximumCountsTheNewSessionsRoutesOnly() throws {
        let owner = try ownerWithRoutes(maximumPrefixes: UInt32(Self.count))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        let others = (0..<Self.count + 1).compactMap { number in
            IPPrefix(covering: .ipv4(IPv4Address(rawValue: 0x1E00_0000 + UInt32(number) << 8)), length: 24)
        }
        owner.handle(.update(neighbor: FarEnd.first, try update(others.dropLast())))
        #expect(owner.resets.isEmpty)
        owner.handle(.update(neighbor: FarEnd.first, try update(others.suffix(1))))
        #expect(owner.resets.count == 1)
        sweep(owner)
        #expect(imported(owner).isEmpty)
    }

    /// Two losses in a row with graceful restart: the routes of the last session stay, older ones go.
    @Test func aSecondLossKeepsTheLastSessionsRoutes() throws {
        let owner = try ownerWithRoutes()
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        owner.handle(.established(neighbor: FarEnd.first, session(restart: gracefulRestart())))
        owner.handle(.update(neighbor: FarEnd.first, try update(prefixes[..<1500])))
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: gracefulRestart()))
        #expect(owner.log.last == .staleRoutesKept(neighbor: FarEnd.first, .vpnIPv4, count: 1500))
        sweep(owner)
        #expect(imported(owner) == Set(prefixes[..<1500]))
    }
}
