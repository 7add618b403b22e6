import ControlPlane
import Testing

/// What a change costs depends on the change and not on the box.
@Suite struct ProportionalChangeTests {
    /// `vrfs` VRFs, each with a circuit and with a unit on both NNIs.
    private func text(_ vrfs: Int, mtu: Int = 1500, address: String = "10.1.0.1/24", lastTarget: Int = 1) -> String {
        var lines = ["mpls label range 16 2000"]
        for port in 0..<3 {
            lines += ["port ten1/\(port)", " device net_null\(port)", " mac-address 02:00:00:00:00:1\(port)"]
        }
        for vrf in 1...vrfs {
            lines += ["ip vrf v\(vrf)", " rd 42:\(vrf)"]
            lines.append(" route-target both 42:\(vrf == vrfs ? lastTarget * 1000 : vrf)")
        }
        for nni in 0..<2 {
            lines += ["interface ten1/\(nni)", " encap mpls optE", " ip address 192.0.2.\(nni * 4 + 1)/30"]
            for vrf in 1...vrfs { lines += ["interface ten1/\(nni).\(vrf)", " vrf definition v\(vrf)"] }
        }
        for vrf in 1...vrfs {
            lines += ["interface ten1/2.\(vrf)", " encapsulation dot1q \(vrf)", " vrf definition v\(vrf)"]
            lines.append(" ip address \(vrf == 1 ? address : "10.1.0.1/24")")
            if vrf == 1 { lines.append(" mtu \(mtu)") }
        }
        lines.append("router bgp 42")
        for nni in 0..<2 {
            let neighbor = "192.0.2.\(nni * 4 + 2)"
            lines += [
                " neighbor \(neighbor) remote-as 6500\(nni)", " address-family vpnv4", "  neighbor \(neighbor) optE",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func comparisons(_ laboratory: Laboratory, _ text: String) async throws -> UInt64 {
        let plane = try #require(laboratory.plane)
        let before = await plane.tableComparisons
        try await laboratory.replace(text)
        return await plane.tableComparisons - before
    }

    private func costs(vrfs: Int) async throws -> [UInt64] {
        let laboratory = try Laboratory()
        try await laboratory.start(text(vrfs))
        let costs = [
            try await comparisons(laboratory, text(vrfs, lastTarget: 2)),
            try await comparisons(laboratory, text(vrfs, mtu: 1400, lastTarget: 2)),
            try await comparisons(laboratory, text(vrfs, mtu: 1400, address: "10.2.0.1/24", lastTarget: 2)),
            try await comparisons(laboratory, text(vrfs, mtu: 1400, address: "10.2.0.1/24", lastTarget: 2)),
        ]
        let changed = try await laboratory.content()
        await laboratory.stop()
        let fresh = try Laboratory()
        try await fresh.start(text(vrfs, mtu: 1400, address: "10.2.0.1/24", lastTarget: 2))
        try await fresh.content().expectEqual(changed)
        await fresh.stop()
        return costs
    }

    @Test func aLineCostsTheSameInALargeBox() async throws {
        let small = try await costs(vrfs: 3)
        let large = try await costs(vrfs: 60)
        #expect(small == large)
        // A target touches no record; the second line is one circuit's record and its VRF's next hops.
        #expect(large[0] == 0)
        #expect((1...5).contains(large[1]))
        #expect((1...12).contains(large[2]))
        #expect(large[3] == 0)
    }
}
