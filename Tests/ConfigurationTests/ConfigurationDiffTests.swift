import Configuration
import SeededRandom
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

    /// Any two configurations whose texts differ: nothing that is left out of a difference may be applied in silence.
    @Test(arguments: UInt64(1)...400)
    func asEditsTheLinesLeadFromOneToTheOther(_ seed: UInt64) throws {
        let old = RandomConfiguration.make(seed: seed)
        for new in [RandomConfiguration.make(seed: seed &+ 1000), slightlyChanged(old, seed)] {
            let diff = ConfigurationDiff(from: old, to: new)
            #expect(diff.isEmpty == (old.canonicalText == new.canonicalText), "seed \(seed)")
            #expect(diff.lines.isEmpty == diff.isEmpty, "seed \(seed)")
            // Passwords are not shown, and those of the new one stand for what is hidden.
            let edited = edit(old.withHiddenPasswords.canonicalText, by: diff)
            let again = try ConfigurationParser.parse(text: edited, fileName: "test.conf", base: new).configuration
            #expect(again.canonicalText == new.canonicalText, "seed \(seed):\n\(diff)\nmakes\n\(edited)")
        }
    }

    /// The same with some lines more, less, otherwise or elsewhere.
    private func slightlyChanged(_ configuration: Configuration, _ seed: UInt64) -> Configuration {
        var generator = SeededGenerator(seed: seed)
        var new = configuration
        if generator.chance(2) { new.hostname = generator.maybe { "box\($0.number(0...99))" } }
        if generator.chance(2) { new.mpls.labelRange = 16...generator.number(16...1_048_575) }
        // Static labels lie outside of it.
        new.multipointLabels.removeAll { new.mpls.labelRange.contains($0.label.rawValue) }
        if generator.chance(2) { new.staticRoutes.removeAll { _ in generator.chance(2) } }
        if generator.chance(2), let former = new.bgp?.autonomousSystem {
            let system: UInt32 = generator.number(1...1000)
            new.bgp?.autonomousSystem = system
            // Neighbors in the own network stay there.
            for (name, neighbor) in new.bgp?.neighbors ?? [:] where neighbor.settings.remoteAS == former {
                new.bgp?.neighbors[name]?.settings.remoteAS = system
            }
        }
        for name in new.bgp?.neighbors.keys.sorted() ?? [] where generator.chance(2) {
            new.bgp?.neighbors[name]?.settings.isShutdown.toggle()
        }
        for name in new.policyMaps.keys.sorted() where generator.chance(2) {
            let classes = new.policyMaps[name]?.classes ?? []
            new.policyMaps[name]?.classes =
                classes.filter { $0.name != PolicyClass.defaultName }.shuffled(using: &generator)
                + classes.filter { $0.name == PolicyClass.defaultName }
        }
        for name in new.classMaps.keys.sorted() where generator.chance(2) {
            new.classMaps[name]?.criteria.shuffle(using: &generator)
        }
        for (name, list) in new.ipv4AccessLists.sorted(by: { $0.key < $1.key }) where list.entries.count > 1 {
            new.ipv4AccessLists[name]?.entries.remove(at: generator.number(0...list.entries.count - 1))
        }
        return new
    }

    /// Follows the lines as a person would: in each block from top to bottom.
    private func edit(_ text: String, by diff: ConfigurationDiff) -> String {
        var blocks: [[String]] = []
        for line in text.split(separator: "\n").map(String.init) where line != "!" {
            if line.first == " " { blocks[blocks.count - 1].append(line) } else { blocks.append([line]) }
        }
        for change in diff.changes {
            switch change.kind {
            case .removed: blocks.removeAll { $0[0] == change.statement }
            case .added: blocks.append([change.statement] + change.lines.map(\.text))
            case .changed:
                guard let index = blocks.firstIndex(where: { $0[0] == change.statement }) else { continue }
                blocks[index] = edit(blocks[index], by: change.lines)
            }
        }
        return blocks.joined().joined(separator: "\n")
    }

    private func edit(_ block: [String], by lines: [ConfigurationDiff.Line]) -> [String] {
        func depth(_ line: String) -> Int { line.prefix { $0 == " " }.count }
        var left = block.dropFirst()
        var result = [block[0]]
        for line in lines {
            if line.mark == .added {
                while let next = left.first, depth(next) > depth(line.text) { result.append(left.removeFirst()) }
                result.append(line.text)
            } else {
                while let next = left.first, next != line.text { result.append(left.removeFirst()) }
                if let found = left.popFirst(), line.mark == .both { result.append(found) }
            }
        }
        return result + left
    }

    @Test func everyLineOutsideOfBlocksAndEachBlocksOwnLineAreThere() throws {
        let old = try load("ip vrf one\n rd 42:1\n").configuration
        let new = try load(
            "hostname box\nmpls label range 100 200\nip vrf one\n rd 42:2\nip route vrf one 10.0.0.0/8 Null0\n"
        ).configuration
        #expect(
            ConfigurationDiff(from: old, to: new).lines.map { $0.mark.rawValue + $0.text } == [
                "+hostname box", "+mpls label range 100 200", " ip vrf one", "- rd 42:1", "+ rd 42:2",
                "+ip route vrf one 10.0.0.0/8 Null0",
            ])
    }

    @Test func anAddedLineIsShownBehindTheOneThatItFollows() throws {
        let classes = "class-map match-any a\n match any\nclass-map match-any b\n match any\n"
        let old = try load(classes + "policy-map p\n class a\n  set dscp ef\n").configuration
        let new = try load(classes + "policy-map p\n class a\n  set dscp ef\n class b\n").configuration
        #expect(ConfigurationDiff(from: old, to: new).description == " policy-map p\n  class a\n+ class b\n")
    }

    @Test func movedLineIsRemovedAndAdded() throws {
        let classes = "class-map match-any a\n match any\nclass-map match-any b\n match any\n"
        let old = try load(classes + "policy-map p\n class a\n class b\n").configuration
        let new = try load(classes + "policy-map p\n class b\n class a\n").configuration
        #expect(ConfigurationDiff(from: old, to: new).description == " policy-map p\n- class a\n  class b\n+ class a\n")
    }
}
