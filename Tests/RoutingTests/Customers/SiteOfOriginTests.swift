import Addressing
import BGP
import Routing
import Testing

/// RFC 4364 §7: a route never goes back to the site that it came from, by whatever way.
@Suite struct SiteOfOriginTests {
    private let site = ExtendedCommunity(rawValue: 0x0003_FE4C_0000_0001)
    private let elsewhere = ExtendedCommunity(rawValue: 0x0003_FE4C_0000_0002)

    @Test func `a customer's routes are marked, once, and leave marked`() throws {
        var inputs = try customerInputs()
        let owner = withCustomers(inputs)
        try owner.announce("192.168.1.0/24") { $0.extendedCommunities = [elsewhere] }
        #expect(try owner.best("192.168.1.0/24")?.extendedCommunities == [])
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.siteOfOrigin = site
        owner.handle(.configure(inputs))
        #expect(try owner.best("192.168.1.0/24")?.extendedCommunities == [site])
        owner.drain()
        let sent = try #require(try owner.sent[FarEnd.first]?[vpn("42:1", "192.168.1.0/24")])
        #expect(try sent.attributes.extendedCommunities == [site, ExtendedCommunity(target("42:1"))])
        #expect(try owner.given("192.168.1.0/24", to: Customer.other)?.extendedCommunities == [])
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.siteOfOrigin = nil
        owner.handle(.configure(inputs))
        #expect(try owner.best("192.168.1.0/24")?.extendedCommunities == [])
        #expect(owner.refreshRequests.isEmpty && owner.resets.isEmpty && owner.violations.isEmpty)
    }

    @Test func `a site is not given its own routes, whether by another neighbor or from afar`() throws {
        var inputs = try customerInputs()
        inputs.neighbors[Customer.inOne]?.families[.ipv4]?.siteOfOrigin = site
        inputs.neighbors[Customer.other]?.families[.ipv4]?.siteOfOrigin = site
        let owner = withCustomers(inputs)
        try owner.announce("192.168.1.0/24")
        func announceMarked(_ text: String, _ mark: ExtendedCommunity) throws {
            var contents = try attributes(targets: ["42:1"]).contents
            contents.extendedCommunities.append(mark)
            owner.handle(
                .update(
                    neighbor: FarEnd.first,
                    try announcement(vpn("65001:1", text), label: 500, PathAttributes(contents))))
        }
        try announceMarked("10.8.0.0/16", site)
        try announceMarked("10.9.0.0/16", elsewhere)
        owner.drain()
        for peer in [Customer.inOne, Customer.other] {
            #expect(try owner.given("192.168.1.0/24", to: peer) == nil)
            #expect(try owner.given("10.8.0.0/16", to: peer) == nil)
            #expect(try owner.given("10.9.0.0/16", to: peer) != nil)
        }
        inputs.neighbors[Customer.other]?.families[.ipv4]?.siteOfOrigin = elsewhere
        owner.handle(.configure(inputs))
        owner.drain()
        #expect(try owner.given("192.168.1.0/24", to: Customer.other) != nil)
        #expect(try owner.given("10.8.0.0/16", to: Customer.other) != nil)
        #expect(try owner.given("10.9.0.0/16", to: Customer.other) == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `an Option E neighbor's routes are marked beside their targets, and it is not given its own`() throws {
        var inputs = try customerInputs()
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.siteOfOrigin = site
        inputs.neighbors[Customer.other]?.families[.ipv4]?.siteOfOrigin = site
        let owner = withCustomers(inputs)
        try owner.announceFromFarEnd("10.9.0.0/16")
        #expect(
            try owner.best("10.9.0.0/16")?.extendedCommunities == [ExtendedCommunity(target("42:1")), site])
        try owner.announce("192.168.1.0/24")
        try owner.announce("192.168.2.0/24", from: Customer.other, path: [Customer.otherSystem])
        owner.drain()
        #expect(try owner.given("10.9.0.0/16") != nil)
        #expect(try owner.given("10.9.0.0/16", to: Customer.other) == nil)
        #expect(try owner.sent[FarEnd.first]?[vpn("42:1", "192.168.1.0/24")] != nil)
        #expect(try owner.sent[FarEnd.first]?[vpn("42:1", "192.168.2.0/24")] == nil)
        #expect(owner.violations.isEmpty)
    }
}
