import Addressing
import BGP
import Routing
import Testing

/// Prefix lists of neighbors and of VRFs, in and out, and what a changed list does to what is there.
@Suite struct PrefixFilterTests {
    private let wanted = "10.2.0.0/16"
    private let unwanted = "10.1.0.2/32"

    private func onlyWanted() throws -> PrefixFilter {
        PrefixFilter([PrefixFilter.Entry(permits: true, prefix: try prefix(wanted), lengths: 16...24)])
    }

    /// The unwanted route lies inside a connected subnet: here the lists alone are to decide.
    private func inputsWithLists() throws -> RoutingInputs {
        var inputs = try noteInputs()
        for name in inputs.vrfs.keys { inputs.vrfs[name]?.acceptsConnectedSubnets = true }
        return inputs
    }

    private func announce(_ owner: Owner, targets: [String] = ["42:1", "42:2"]) throws {
        for text in [wanted, unwanted] {
            owner.handle(
                .update(
                    neighbor: FarEnd.first,
                    try announcement(vpn("65001:1", text), label: 500, attributes(targets: targets))))
        }
    }

    private func rejected(_ owner: Owner, _ reason: RouteRejection) -> UInt64? {
        owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.rejectedCount[reason]
    }

    @Test func `what the neighbor's list refuses counts as withdrawn`() throws {
        var inputs = try inputsWithLists()
        inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importFilter = try onlyWanted()
        let owner = connected(inputs)
        try announce(owner)
        #expect(owner.fib["one"]?[try prefix(wanted)] != nil)
        #expect(owner.fib["one"]?[try prefix(unwanted)] == nil)
        #expect(rejected(owner, .neighborPrefixList) == 1)
        #expect(
            owner.log == [
                .routesRejected(
                    neighbor: FarEnd.first, .neighborPrefixList, count: 1, example: .vpn(try vpn("65001:1", unwanted)))
            ])
    }

    @Test func `what a VRF's list refuses enters the other VRFs`() throws {
        var inputs = try inputsWithLists()
        inputs.vrfs["one"]?.importFilters[.ipv4] = try onlyWanted()
        let owner = connected(inputs)
        try announce(owner)
        #expect(owner.fib["one"]?[try prefix(wanted)] != nil)
        #expect(owner.fib["one"]?[try prefix(unwanted)] == nil)
        #expect(owner.fib["two"]?[try prefix(unwanted)] != nil)
        #expect(rejected(owner, .vrfPrefixList) == 1)
        owner.handle(.update(neighbor: FarEnd.first, Update(withdrawing: [.vpn(try vpn("65001:1", unwanted))])))
        #expect(owner.fib["two"]?[try prefix(unwanted)] == nil)
        #expect(owner.violations.isEmpty)
    }

    @Test func `a new list takes out what it refuses, and a wider one asks for it again`() throws {
        for isOfNeighbor in [true, false] {
            var inputs = try inputsWithLists()
            let owner = connected(inputs)
            try announce(owner, targets: ["42:1"])
            #expect(owner.fib["one"]?[try prefix(unwanted)] != nil)
            if isOfNeighbor {
                inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importFilter = try onlyWanted()
            } else {
                inputs.vrfs["one"]?.importFilters[.ipv4] = try onlyWanted()
            }
            owner.handle(.configure(inputs))
            #expect(owner.fib["one"]?[try prefix(unwanted)] == nil)
            #expect(owner.fib["one"]?[try prefix(wanted)] != nil)
            #expect(rejected(owner, isOfNeighbor ? .neighborPrefixList : .vrfPrefixList) == 1)
            #expect(owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]?.receivedCount == 1)
            owner.refreshRequests = []
            inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.importFilter = nil
            inputs.vrfs["one"]?.importFilters = [:]
            owner.handle(.configure(inputs))
            #expect(owner.refreshRequests.map { $0.1 } == [.vpnIPv4])
            try announce(owner, targets: ["42:1"])
            #expect(owner.fib["one"]?[try prefix(unwanted)] != nil)
        }
    }

    @Test func `a list on the way out withdraws and advertises the difference`() throws {
        for isOfNeighbor in [true, false] {
            var inputs = try inputsWithLists()
            let owner = connected(inputs)
            let circuit = try vpn("42:1", "10.1.0.0/24")
            #expect(owner.sent[FarEnd.first]?[circuit] != nil)
            if isOfNeighbor {
                inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.exportFilter = try onlyWanted()
            } else {
                inputs.vrfs["one"]?.exportFilters[.ipv4] = try onlyWanted()
            }
            owner.handle(.configure(inputs))
            owner.drain()
            #expect(owner.sent[FarEnd.first]?[circuit] == nil)
            #expect((owner.sent[FarEnd.first]?[try vpn("42:2", "10.1.0.0/24")] == nil) == isOfNeighbor)
            inputs.neighbors[FarEnd.first]?.families[.vpnv4]?.exportFilter = nil
            inputs.vrfs["one"]?.exportFilters = [:]
            owner.handle(.configure(inputs))
            owner.drain()
            #expect(owner.sent[FarEnd.first]?[circuit] != nil)
            #expect(owner.violations.isEmpty)
        }
    }
}
