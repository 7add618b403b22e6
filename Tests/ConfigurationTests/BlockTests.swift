import Configuration
import Testing

/// Which block a line stands in.
@Suite struct BlockTests {
    private let wanted = """
        ip vrf one
         rd 42:1
         route-target both 42:1
        ip vrf two
         rd 42:2
        interface ten1/1
         vrf definition one
         ip address 10.0.0.1/24
        router bgp 42
         neighbor 1.2.3.4 remote-as 65001
         address-family ipv4 vrf one
          redistribute connected
         address-family ipv4 vrf two
          redistribute static
        hostname a
        """

    @Test(arguments: [
        ("four columns", "    "), ("a tab", "\t"),
    ])
    func depthOfIndentationIsFree(_ name: String, _ indentation: String) throws {
        let text = wanted.split(separator: "\n").map { (line: Substring) -> String in
            let depth = line.prefix { $0 == " " }.count
            return String(repeating: indentation, count: depth) + line.dropFirst(depth)
        }
        #expect(try load(text.joined(separator: "\n")).configuration == load(wanted).configuration)
    }

    @Test func textWithoutIndentationGoesByKeywords() throws {
        let text = wanted.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "\n")
        #expect(try load(text).configuration == load(wanted).configuration)
    }

    @Test func wholeTextMayBeShifted() throws {
        let text = wanted.split(separator: "\n").map { "   " + $0 }.joined(separator: "\r\n")
        #expect(try load(text).configuration == load(wanted).configuration)
    }

    @Test func exitEndsABlockAtEitherOfItsDepths() throws {
        let text = """
            router bgp 42
             neighbor 1.2.3.4 remote-as 65001
             address-family ipv4 vrf one
              redistribute connected
              exit
             address-family ipv6 vrf one
              redistribute connected
             exit-address-family
             exit
            ip vrf one
             rd 42:1
            exit
            end
            """
        let bgp = try load(text).configuration.bgp
        #expect(bgp?.vrfFamilies.count == 2)
    }

    @Test func commentsEndLines() throws {
        let configuration = try load("! one\nhostname a!b ! two\n   !\n").configuration
        #expect(configuration.hostname == "a!b")
    }

    @Test func lineIsNotTriedInAnotherBlock() {
        let found = diagnostics(of: "interface ten1/0\n encap mpls optE\n ip address 1.2.3.5/31\n hostname a\n")
        #expect(found.map(\.code) == [.unknownKeyword])
        #expect(found.first?.hint?.hasPrefix("such a line belongs in the top level, not in 'interface'") == true)
    }

    @Test func topLevelDoesNotTakeABlocksLine() {
        let found = diagnostics(of: "ip vrf one\n rd 42:1\nroute-target both 42:1\n")
        #expect(found.map(\.code) == [.unknownKeyword])
        #expect(found.first?.hint?.hasPrefix("such a line belongs in 'ip vrf', not in the top level") == true)
    }

    @Test func linesBelowAnUnknownOneAreCountedInsteadOfRead() {
        let found = diagnostics(of: "zone-pair nine security\n match x\n set y\nhostname a\n")
        #expect(found.map(\.code) == [.unknownKeyword])
        #expect(found.first?.hint == "the 2 lines below it could not be read")
    }

    @Test func sameSettingMayBeSaidTwice() throws {
        let vrf = try load("ip vrf one\n rd 42:1\nvrf definition one\n rd 42:1\n").configuration.vrfs["one"]
        #expect(vrf?.routeDistinguisher.description == "42:1")
    }
}
