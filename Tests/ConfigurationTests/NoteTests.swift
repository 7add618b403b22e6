import Addressing
import Configuration
import Testing

/// The note's configuration, as it was written and as it was mended.
@Suite struct NoteTests {
    @Test func slipIsExplained() throws {
        let text = try fixture("note.conf")
        let error = #expect(throws: InvalidConfiguration.self) {
            try ConfigurationParser.parse(text: text, fileName: "note.conf")
        }
        let report = try #require(error).description
        #expect(
            report.contains(
                """
                note.conf:18:1: error: unknown keyword 'iint' [unknown-keyword]
                  iint ten1/0.3
                  ^~~~
                  expected: hostname, mpls, no, dataplane, port, interface, ip, vrf, object-group, ipv6, class-map, \
                policy-map, flow, table-map, route-map, router, transport, fpm, metrics, logging
                  hint: did you mean 'int'?

                """))
        #expect(report.hasSuffix("5 errors; nothing was applied\n"))
    }

    @Test func everythingElseThatTheNoteLeavesOutIsListedInTheSameRun() throws {
        let found = diagnostics(of: try fixture("note.conf"))
        #expect(
            found.map { "\($0.location.line) \($0.code.rawValue)" } == [
                "17 undefined-policy-map", "18 unknown-keyword", "20 undefined-access-list", "24 missing-remote-as",
                "24 undefined-peer-group",
            ])
    }

    @Test func mendedNoteLoadsOnceItsNamesAreDefined() throws {
        let definitions = """
            policy-map myqos
             class class-default
              police cir 10000000 bc 125000 conform-action transmit exceed-action drop
            ip access-list extended foo
             permit ip any any
            router bgp 42
             neighbor default peer-group
            """
        let configuration = try load(fixture("note-mended.conf") + definitions).configuration
        let nni = try #require(InterfaceName("ten1/0"))
        #expect(configuration.index.unit(ofVRF: "one", onNNI: nni)?.outputPolicy == "myqos")
        #expect(configuration.index.unit(ofVRF: "two", onNNI: nni)?.accessGroups.ipv4Input == "foo")
        #expect(configuration.index.unit(ofVRF: "three", onNNI: nni) == nil)
    }

    @Test func exampleLoadsWordForWord() throws {
        let loaded = try load(fixture("config-example.conf"))
        // The note says nothing of devices.
        #expect(loaded.warnings.map(\.code) == [.interfaceWithoutPort])
        let configuration = loaded.configuration
        #expect(configuration.hostname == "asbr1")
        #expect(configuration.vrfsInOrder.map(\.name) == ["one", "three", "two"])
        #expect(
            configuration.interfacesInOrder.map(\.name.description) == [
                "ten1/0", "ten1/0.2", "ten1/0.3", "ten1/1", "ten1/2", "ten1/3.30",
            ])
        #expect(configuration.ports.isEmpty)
    }

    @Test func exampleMakesAllThreeVRFsEligible() throws {
        let configuration = try load(fixture("config-example.conf")).configuration
        let neighbor = try #require(IPAddress("1.2.3.4"))
        for vrf in ["one", "two", "three"] { #expect(configuration.index.isEligible(vrf: vrf, onNeighbor: neighbor)) }
        #expect(!configuration.index.isEligible(vrf: "four", onNeighbor: neighbor))
        let towards = try #require(configuration.index.nni(towards: neighbor))
        #expect(towards.interface.name.description == "ten1/0")
        #expect(towards.address.description == "1.2.3.5/31")
    }

    @Test func exampleSessionTakesItsTimersFromTheGroup() throws {
        let configuration = try load(fixture("config-example.conf")).configuration
        let session = try #require(configuration.bgp?.sessions.first)
        #expect(session.remoteAS == 65001)
        #expect(session.timers == BGPTimers(keepaliveSeconds: 3, holdSeconds: 9))
        #expect(session.families.keys.sorted() == [.vpnv4, .vpnv6])
        #expect(session.isOptionE)
    }

    @Test func sourcesNameTheLinesOfTheExample() throws {
        let sources = try load(fixture("config-example.conf")).sources
        let unit = try #require(InterfaceName("ten1/0.3"))
        #expect(sources[.interface(unit)]?.line == 30)
        #expect(sources[.accessGroup(unit, .ipv4, .input)]?.line == 32)
        #expect(sources[.accessListEntry(.ipv4, "foo", sequence: 20)]?.line == 17)
        #expect(sources[.vrf("three")]?.line == 10)
        #expect(sources[.vrf("four")] == nil)
    }
}
