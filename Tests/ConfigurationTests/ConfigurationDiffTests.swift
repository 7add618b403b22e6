import Configuration
import Testing

@Suite struct ConfigurationDiffTests {
    @Test func equalConfigurationsHaveNone() throws {
        let example = try load(fixture("config-example.conf")).configuration
        let diff = ConfigurationDiff(from: example, to: example)
        #expect(diff.isEmpty)
        #expect(diff.description == "")
    }

    @Test func linesStandUnderWhatTheyAreNestedIn() throws {
        let text = try fixture("config-example.conf")
        let old = try load(text).configuration
        let new = try load(
            text.replacing(
                "address-family ipv4 vrf two\n  redistribute connected",
                with: "address-family ipv4 vrf two\n  redistribute static"
            )
            .replacing("ip address 1.2.3.5/31", with: "ip address 1.2.3.5/30")
            .replacing("hostname asbr1", with: "hostname asbr2")
            .replacing("ip route vrf one 192.168.1.0/24 10.1.0.2", with: "")
        ).configuration
        #expect(
            ConfigurationDiff(from: old, to: new).description == """
                -hostname asbr1
                -ip route vrf one 192.168.1.0/24 10.1.0.2
                +hostname asbr2
                 interface ten1/0
                - ip address 1.2.3.5/31
                + ip address 1.2.3.5/30
                 router bgp 42
                  address-family ipv4 vrf two
                -  redistribute connected
                +  redistribute static

                """)
    }

    @Test(arguments: UInt64(1)...100)
    func everyLineOfBothIsAccountedFor(_ seed: UInt64) {
        let old = RandomConfiguration.make(seed: seed)
        let new = RandomConfiguration.make(seed: seed &+ 1000)
        let changes = ConfigurationDiff(from: old, to: new).changes
        for change in changes {
            #expect(change.kind != .added || change.lines.allSatisfy { $0.mark == .added }, "seed \(seed)")
            #expect(change.kind != .removed || change.lines.allSatisfy { $0.mark == .removed }, "seed \(seed)")
            #expect(change.kind != .changed || change.lines.contains { $0.mark != .both }, "seed \(seed)")
        }
        let growth = lineCount(new) - lineCount(old)
        let marked = changes.reduce(0) { sum, change in
            let header = change.kind == .added ? 1 : change.kind == .removed ? -1 : 0
            return change.lines.reduce(sum + header) { $0 + ($1.mark == .added ? 1 : $1.mark == .removed ? -1 : 0) }
        }
        #expect(marked == growth, "seed \(seed)")
    }

    private func lineCount(_ configuration: Configuration) -> Int {
        configuration.canonicalText.split(separator: "\n").count { $0 != "!" }
    }

    @Test func movedLineIsRemovedAndAdded() throws {
        let classes = "class-map match-any a\n match any\nclass-map match-any b\n match any\n"
        let old = try load(classes + "policy-map p\n class a\n class b\n").configuration
        let new = try load(classes + "policy-map p\n class b\n class a\n").configuration
        #expect(ConfigurationDiff(from: old, to: new).description == " policy-map p\n- class a\n+ class a\n")
    }
}
