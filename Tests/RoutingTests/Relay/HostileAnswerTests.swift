import Addressing
import BGP
import Routing
import Testing

/// Leaves and joins by which a far end would keep others' from crossing, or have its own go where they answer nothing.
@Suite struct HostileAnswerTests {
    private let asking = SignallingBorder.replication(label: 0, to: [10, 0, 0, 7], isAsking: true)
    private let own = SignallingBorder.replication(label: 100, to: [1, 2, 3, 4])
    private let squatting = SignallingBorder.replication(label: 666, to: [5, 6, 7, 8])

    /// The label of the answer that the core has been told, as it leads.
    private func way(_ leaf: MulticastVPNRoute, _ owner: Owner) -> SwapTarget? {
        guard let tunnel = owner.told(.multicastVPN(leaf), Border.reflector)?.pmsiTunnel else { return nil }
        return owner.way(ofLabel: tunnel.labelField >> 4, at: Border.reflector)
    }

    /// 42:9 is given to the first far end alone.
    @Test(arguments: [true, false])
    func `a leaf of one that was not asked hides nobody's`(isFirst: Bool) throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let leaf = try SignallingBorder.leaf(of: 42)
        try owner.announce(
            try SignallingBorder.selective(of: 42), from: Border.reflector, ["42:9"], tunnel: asking)
        func squat() throws {
            try owner.announce(leaf, from: Border.second, ["5.6.7.9:0", "10.0.0.7:0"], tunnel: squatting)
            owner.now = owner.now.advanced(bySeconds: 1)
        }
        if isFirst { try squat() }
        try owner.announce(leaf, from: Border.first, ["1.2.3.5:0"], tunnel: own, behind: [65010, 65011])
        if !isFirst { try squat() }
        owner.settle()
        #expect(way(leaf, owner)?.labels.map(\.rawValue) == [100])
        #expect(owner.rejections(.answersNothing, of: Border.second, in: .ipv4MVPN) == 1)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test(arguments: [true, false])
    func `a join of one that was not told the VPN route hides nobody's`(isFirst: Bool) throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        var attributes = try Border.attributes(from: Border.reflector, ["42:9"])
        attributes.extendedCommunities.append(ExtendedCommunity(rawValue: 0x010b_0a00_0007_0005))
        owner.hear(try announcement(try vpn("42:1", "10.1.1.0/24"), label: 300, attributes), from: Border.reflector)
        let join = try SignallingBorder.join(of: 42)
        if isFirst { try owner.announce(join, from: Border.second, ["10.0.0.7:5"]) }
        owner.now = owner.now.advanced(bySeconds: 1)
        try owner.announce(join, from: Border.first, ["10.0.0.7:5"], behind: [65010])
        if !isFirst { try owner.announce(join, from: Border.second, ["10.0.0.7:5"]) }
        owner.settle()
        let told = owner.told(.multicastVPN(join), Border.reflector)
        #expect(told?.asPath.first == FarEnd.firstAS)
        #expect(owner.rejections(.answersNothing, of: Border.second, in: .ipv4MVPN) == 1)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `of two that were asked the first one's leaf stays, whatever is said of the other`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let leaf = try SignallingBorder.leaf(of: 42)
        try owner.announce(
            try SignallingBorder.selective(of: 42), from: Border.reflector, ["42:7"], tunnel: asking)
        try owner.announce(leaf, from: Border.first, ["1.2.3.5:0"], tunnel: own, behind: [65010, 65011])
        owner.now = owner.now.advanced(bySeconds: 1)
        try owner.announce(leaf, from: Border.second, ["5.6.7.9:0"], tunnel: squatting)
        owner.settle()
        #expect(way(leaf, owner)?.labels.map(\.rawValue) == [100])
        #expect(owner.rejections(.answeredByAnother, of: Border.second, in: .ipv4MVPN) == 1)
        // It is the first one's though it says another label from now on, and over a commit.
        let changed = SignallingBorder.replication(label: 101, to: [1, 2, 3, 4])
        owner.now = owner.now.advanced(bySeconds: 1)
        try owner.announce(leaf, from: Border.first, ["1.2.3.5:0"], tunnel: changed, behind: [65010])
        owner.handle(.configure(try SignallingBorder.inputs(transit: [Border.first])))
        owner.settle()
        #expect(way(leaf, owner)?.labels.map(\.rawValue) == [101])
        owner.handle(.update(neighbor: Border.first, Update(withdrawing: [.multicastVPN(leaf)])))
        owner.settle()
        #expect(way(leaf, owner)?.labels.map(\.rawValue) == [666])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a leaf that names no route of a tunnel answers nothing, and is no join`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        var attributes = try Border.attributes(from: Border.reflector, ["42:7"])
        attributes.extendedCommunities.append(ExtendedCommunity(rawValue: 0x010b_0a00_0007_0005))
        owner.hear(try announcement(try vpn("42:1", "10.1.1.0/24"), label: 300, attributes), from: Border.reflector)
        let join = try SignallingBorder.join(of: 42)
        try owner.announce(join, from: Border.reflector, ["42:7"])
        let (mac, macOctets) = try SignallingBorder.macAddress(of: 42, [300])
        try owner.announce(mac, macOctets, from: Border.reflector, ["42:7"])
        owner.settle()
        #expect(owner.told(.evpn(mac), Border.first) != nil)
        // Octets that begin with a distinguisher, as those of RFC 7524 §6.2.2 do; a join's whole route; a MAC address' route.
        let distinguisher = SignallingBorder.distinguisher(42)
        let joinOctets: [UInt8] = distinguisher + [0, 0, 0, 42, 32, 10, 1, 1, 1, 32, 232, 0, 0, 1]
        let macOctetsOfRoute: [UInt8] =
            distinguisher + [UInt8](repeating: 0, count: 13) + [7, 48, 2, 0, 0, 0, 0, 1, 0, 0, 18, 193]
        let leaves: [[UInt8]] = [
            distinguisher + [1, 2, 3, 4], [7, UInt8(joinOctets.count)] + joinOctets + [1, 2, 3, 4],
        ]
        for octets in leaves {
            let leaf = try #require(MulticastVPNRoute(.ipv4, .leafAutoDiscovery, octets[...]))
            for target in ["10.0.0.7:5", "1.2.3.5:0", "10.0.0.7:0"] {
                try owner.announce(leaf, from: Border.first, [target], tunnel: own)
                owner.settle()
                #expect(owner.told(.multicastVPN(leaf), Border.reflector) == nil, "\(leaf) \(target)")
            }
        }
        for octets in [
            distinguisher + [32, 1, 2, 3, 4],
            [2, UInt8(macOctetsOfRoute.count)] + macOctetsOfRoute + [32, 1, 2, 3, 4],
        ] {
            let (leaf, rest) = try SignallingBorder.evpn(.leafAutoDiscovery, octets)
            for target in ["10.0.0.7:5", "1.2.3.5:0"] {
                try owner.announce(leaf, rest, from: Border.first, [target], tunnel: own)
                owner.settle()
                #expect(owner.told(.evpn(leaf), Border.reflector) == nil, "\(leaf) \(target)")
            }
        }
        #expect(owner.rejections(.answersNothing, of: Border.first, in: .ipv4MVPN) == 6)
        #expect(owner.rejections(.answersNothing, of: Border.first, in: .evpn) == 4)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a leaf of an IMET route (RFC 9572 §3.3) goes to where that came from`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let (asked, octets) = try SignallingBorder.inclusive(of: 42)
        try owner.announce(asked, octets, from: Border.reflector, ["42:7"], tunnel: asking)
        let value = SignallingBorder.distinguisher(42) + [0, 0, 0, 7, 32, 10, 0, 0, 7]
        let (leaf, rest) = try SignallingBorder.evpn(
            .leafAutoDiscovery, [3, UInt8(value.count)] + value + [32, 1, 2, 3, 4])
        try owner.announce(leaf, rest, from: Border.first, ["1.2.3.5:0"], tunnel: own)
        owner.settle()
        let told = try #require(owner.told(.evpn(leaf), Border.reflector))
        #expect(told.routeTargets.map(\.description) == ["10.0.0.7:0"])
        let tunnel = try #require(told.pmsiTunnel)
        let way = owner.way(ofLabel: tunnel.labelField >> 4, at: Border.reflector)
        #expect(way?.stack == .frame && way?.labels.map(\.rawValue) == [100])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    // MARK: Cost

    private func leaf(_ number: Int) throws -> MulticastVPNRoute {
        try SignallingBorder.leaf(of: 42, from: [1, 2, UInt8(number >> 8), UInt8(number & 255)])
    }

    @Test func `a question that flaps has its answers decided on in portions, once for all times`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let asked = try SignallingBorder.selective(of: 42)
        var attributes = try Border.attributes(from: Border.first, ["1.2.3.5:0"])
        attributes.pmsiTunnel = own
        let leaves = try (0..<40).map { try leaf($0) }
        owner.hear(Update(announcing: leaves.map { AnnouncedRoute($0) }, attributes: attributes), from: Border.first)
        owner.settle()
        for _ in 0..<5 {
            try owner.announce(asked, from: Border.reflector, ["42:7"], tunnel: asking)
            owner.handle(.update(neighbor: Border.reflector, Update(withdrawing: [.multicastVPN(asked)])))
        }
        try owner.announce(asked, from: Border.reflector, ["42:7"], tunnel: asking)
        #expect(owner.table.isSweeping)
        // One label is for all, so that what is decided on is told with it.
        owner.sweep(limit: 40)
        owner.drain()
        let some = leaves.filter { owner.told(.multicastVPN($0), Border.reflector) != nil }.count
        #expect((1..<40).contains(some))
        var portions = 0
        while owner.table.isSweeping {
            owner.sweep(limit: 40)
            portions += 1
        }
        // 40 leaves for 4 receivers are 4 portions of 40, once.
        #expect(portions == 3)
        owner.drain()
        #expect(leaves.filter { owner.told(.multicastVPN($0), Border.reflector) != nil }.count == 40)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a neighbor has so many answers to one route and no more`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        try owner.announce(
            try SignallingBorder.selective(of: 42), from: Border.reflector, ["42:7"], tunnel: asking)
        var attributes = try Border.attributes(from: Border.first, ["1.2.3.5:0"])
        attributes.pmsiTunnel = own
        let leaves = try (0..<4097).map { try leaf($0) }
        owner.hear(Update(announcing: leaves.map { AnnouncedRoute($0) }, attributes: attributes), from: Border.first)
        owner.settle()
        #expect(owner.rejections(.answersFull, of: Border.first, in: .ipv4MVPN) == 1)
        #expect(leaves.filter { owner.told(.multicastVPN($0), Border.reflector) != nil }.count == 4096)
        // Where one is gone another may come.
        owner.handle(.update(neighbor: Border.first, Update(withdrawing: [.multicastVPN(leaves[0])])))
        attributes.pmsiTunnel = SignallingBorder.replication(label: 101, to: [1, 2, 3, 4])
        owner.hear(Update(announcing: [AnnouncedRoute(leaves[4096])], attributes: attributes), from: Border.first)
        owner.settle()
        #expect(owner.told(.multicastVPN(leaves[4096]), Border.reflector) != nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }
}
