import Addressing
import BGP
import Routing
import Testing

/// The fifth control-plane rule of Option E.
@Suite struct TransitRuleTests {
    private func ownerWithRoute(
        transit: Bool, communities: [Community] = []
    ) throws -> (owner: Owner, inputs: RoutingInputs, key: VPNPrefix) {
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.eligibleNeighbors = [FarEnd.first, FarEnd.second]
        inputs.vrfs["one"]?.allowsTransit = transit
        inputs.vrfs["one"]?.redistributed = [:]
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.handle(.established(neighbor: FarEnd.second, session(identifier: 8)))
        var attributes = try attributes(
            targets: ["42:1", "65001:77"], path: [FarEnd.firstAS, 65100], discriminator: 7)
        attributes.communities = communities
        attributes.extendedCommunities.append(ExtendedCommunity(rawValue: 0x0003_FDE9_0000_0001))
        owner.handle(
            .update(neighbor: FarEnd.first, try announcement(vpn("65001:1", "10.2.0.0/16"), label: 500, attributes)))
        owner.drain()
        return (owner, inputs, try vpn("42:1", "10.2.0.0/16"))
    }

    @Test func `a route of one far end does not go to another`() throws {
        let (owner, _, key) = try ownerWithRoute(transit: false)
        #expect(owner.fib["one"]?[key.prefix] != nil)
        #expect(owner.sent[FarEnd.second]?[key] == nil)
    }

    @Test func `with transit it goes to the other far end and not back`() throws {
        let (owner, inputs, key) = try ownerWithRoute(transit: true)
        let sent = try #require(owner.sent[FarEnd.second]?[key])
        #expect(owner.sent[FarEnd.first]?[key] == nil)
        #expect(sent.label == allocated(owner.table, "one", for: FarEnd.second))
        #expect(sent.attributes.asPath == ASPath(sequence: [42, FarEnd.firstAS, 65100]))
        #expect(sent.attributes.nextHop == BGPNextHop(try address("5.6.7.9")))
        #expect(sent.attributes.origin == .igp)
        #expect(sent.attributes.multiExitDiscriminator == nil)
        #expect(
            sent.attributes.extendedCommunities == [
                ExtendedCommunity(rawValue: 0x0003_FDE9_0000_0001), ExtendedCommunity(try target("42:1")),
            ])
        var without = inputs
        without.vrfs["one"]?.allowsTransit = false
        owner.handle(.configure(without))
        owner.drain()
        #expect(owner.sent[FarEnd.second]?[key] == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `attributes that nobody reads go on only where the operator says so`() throws {
        var (owner, inputs, _) = try ownerWithRoute(transit: true)
        let key = try vpn("42:1", "10.3.0.0/16")
        var contents = try attributes(targets: ["42:1"]).contents
        contents.unrecognized = [
            UnrecognizedAttribute(typeCode: 40, partial: false, value: [0, 0, 0]),
            UnrecognizedAttribute(typeCode: 99, partial: false, value: [1]),
        ]
        contents.attributeSet = AttributeSet(originAutonomousSystem: 65100, attributes: [])
        contents.extendedCommunities.append(ExtendedCommunity(rawValue: 0x0308_0000_0000_0001))
        let update = try announcement(
            vpn("65001:1", "10.3.0.0/16"), label: 501, PathAttributes(contents))
        owner.handle(.update(neighbor: FarEnd.first, update))
        owner.drain()
        let sent = try #require(owner.sent[FarEnd.second]?[key])
        #expect(sent.attributes.unrecognized.isEmpty)
        #expect(sent.attributes.attributeSet == contents.attributeSet)
        #expect(sent.attributes.extendedCommunities == [ExtendedCommunity(try target("42:1"))])
        // Not kept at all, since there was nobody to give it to.
        let received = owner.table.receivedRoutes(from: FarEnd.first, family: .vpnv4, limit: 10)
        #expect(received.allSatisfy { $0.attributes.unrecognized.isEmpty })

        inputs.neighbors[FarEnd.second]?.attributePolicy = AttributePolicy(passedTypeCodes: [99])
        owner.handle(.configure(inputs))
        #expect(owner.refreshRequests.map(\.0) == [FarEnd.first])
        owner.handle(.update(neighbor: FarEnd.first, update))
        owner.drain()
        #expect(owner.sent[FarEnd.second]?[key]?.attributes.unrecognized.map(\.typeCode) == [99])

        // What is let through to one neighbor is not let through to another.
        inputs.neighbors[FarEnd.first]?.attributePolicy = AttributePolicy(passedTypeCodes: [99])
        inputs.neighbors[FarEnd.second]?.attributePolicy = AttributePolicy()
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(owner.sent[FarEnd.second]?[key]?.attributes.unrecognized == [])
        #expect(owner.refreshRequests.count == 1)
    }

    @Test(arguments: [0xFFFF_FF01, 0xFFFF_FF02, 0xFFFF_FF03, 0xFFFF_0006] as [UInt32])
    func `well-known communities keep a route in this AS`(community: UInt32) throws {
        let (owner, _, key) = try ownerWithRoute(transit: true, communities: [Community(rawValue: community)])
        #expect(owner.fib["one"]?[key.prefix] != nil)
        #expect(owner.sent[FarEnd.second]?[key] == nil)
    }
}
