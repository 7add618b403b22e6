import Addressing
import BGP
import Routing
import Testing

/// Option C where several neighbors have a prefix: whose it is, and which labels end with whose route.
@Suite struct OptionCSendersTests {
    private let pe = "10.98.1.2/32"
    private let far = "10.97.1.1/32"

    /// With lists that let everything in.
    private static func openInputs(transit: Set<PeerAddress> = []) throws -> RoutingInputs {
        var inputs = try WayBorder.inputs(transit: transit)
        let all = PrefixFilter([.init(permits: true, prefix: .everything(.ipv4), lengths: 32...32)])
        for peer in [WayBorder.first, WayBorder.second] {
            inputs.neighbors[peer]?.families[.ipv4LabeledUnicast]?.importFilter = all
            inputs.neighbors[peer]?.families[.ipv4LabeledUnicast]?.depths.imported = [.init(depth: 2, filter: all)]
        }
        return inputs
    }

    @Test(arguments: ["bound", "named", "labelled"]) func `a far end has no say of a PE of ours`(source: String) throws
    {
        let owner = try WayBorder.owner(try Self.openInputs(transit: [WayBorder.first, WayBorder.second]))
        let place = source == "named" ? pe : "10.98.1.7/32"
        let host = String(place.dropLast(3))
        if source == "bound" { owner.handle(.providersKnown(bound: [try address(host)], learnt: [])) }
        if source == "labelled" {
            try owner.tell(
                place, [16007], from: WayBorder.router, try WayBorder.attributes(from: WayBorder.router, path: [7, 8]))
        }
        try owner.setTransports([host: .resolved])
        try owner.tell(place, [3001], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        owner.drain()
        #expect(try owner.told(place, WayBorder.router) == nil)
        #expect(try owner.labelledWay(place, at: WayBorder.second)?.way == .provider(try address(host)))
        if source != "named" {
            // Down or up.
            try owner.setTransports([host: .unreachable])
            #expect(try owner.told(place, WayBorder.router) == nil)
            #expect(try owner.told(place, WayBorder.second) == nil)
        }
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `what an engine knows of another operator's is not ours`() throws {
        let owner = try WayBorder.owner()
        owner.handle(.providersKnown(bound: [], learnt: [try address("10.97.1.1")]))
        try owner.setTransports(["10.97.1.1": .resolved])
        try owner.tell(far, [3001], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        owner.drain()
        #expect(try owner.labelledWay(far, at: WayBorder.router)?.labels == [try label(3001)])
        #expect(try owner.told(far, WayBorder.second) == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a label ends with the route behind it, whoever else has the prefix`() throws {
        // Another border router of ours has the same far end's.
        let owner = try WayBorder.owner()
        try owner.tell(far, [3001], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        owner.drain()
        #expect(try owner.told(far, WayBorder.router) != nil)
        try owner.tell(
            far, [16009], from: WayBorder.router,
            try WayBorder.attributes(from: WayBorder.router, mark: WayBorder.mark, path: [65001, 65001]))
        try owner.setTransports(["10.97.1.1": .resolved])
        #expect(try owner.told(far, WayBorder.router) != nil)
        owner.handle(.update(neighbor: WayBorder.first, try CoreRouter.withdrawal(far)))
        #expect(owner.installed.isEmpty)
        owner.drain()
        #expect(try owner.told(far, WayBorder.router) == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `the same with two far ends`() throws {
        let owner = try WayBorder.owner(try Self.openInputs(transit: [WayBorder.first, WayBorder.second]))
        for (peer, number) in [(WayBorder.first, UInt32(3001)), (WayBorder.second, 4001)] {
            try owner.tell(
                far, [number], from: peer,
                try WayBorder.attributes(
                    from: peer, path: peer == WayBorder.first ? nil : [FarEnd.secondAS, FarEnd.secondAS]))
        }
        owner.drain()
        #expect(try owner.labelledWay(far, at: WayBorder.second)?.labels == [try label(3001)])
        #expect(try owner.told(far, WayBorder.first) == nil)
        owner.handle(.update(neighbor: WayBorder.first, try CoreRouter.withdrawal(far)))
        #expect(!owner.installed.contains { $0.neighbor == WayBorder.second })
        // The own network's goes on to the other, and so does the first far end's new one.
        #expect(try owner.labelledWay(far, at: WayBorder.router)?.labels == [try label(4001)])
        owner.drain()
        #expect(try owner.labelledWay(far, at: WayBorder.first)?.labels == [try label(4001)])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `two labels are one too many`() throws {
        let owner = try WayBorder.owner()
        try owner.tell(far, [3001, 3002], from: WayBorder.first, try WayBorder.attributes(from: WayBorder.first))
        owner.drain()
        #expect(owner.rejections(of: WayBorder.first, .ipv4LabeledUnicast) == [.moreThanOneLabel: 1])
    }
}
