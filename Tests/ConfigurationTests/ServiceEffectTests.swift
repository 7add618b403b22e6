import Configuration
import Testing

/// Services that do nothing where they are: said, and taken.
@Suite struct ServiceEffectTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let lines: String
        /// How often it is said that nothing comes of them.
        let warnings: Int

        init(_ lines: String, _ warnings: Int) {
            self.lines = lines
            self.warnings = warnings
        }

        var testDescription: String { lines }
    }

    private static let definitions = """
        ip access-list extended four
         permit ip any any
        ipv6 access-list six
         permit ipv6 any any
        class-map match-all gold
         match mpls experimental topmost 3
        class-map match-all lead
         match not mpls experimental topmost 3
        class-map match-all voice
         match dscp ef
        table-map t
         map from 3 to 4
        policy-map by-label
         class gold
        policy-map by-no-label
         class lead
        policy-map from-label
         class class-default
          set dscp mpls experimental table t
        policy-map coloured
         class voice
          police cir 80000 conform-color gold conform-action transmit
        policy-map to-label
         class class-default
          set mpls experimental imposition 3
        policy-map through-table
         class class-default
          set mpls experimental imposition dscp table t
        policy-map by-colour
         class class-default
          police cir 80000 conform-action set-mpls-exp-imposition-transmit 3
        policy-map plain
         class voice
          set dscp cs5
        port ten1/0
         device net_null0
        port ten1/1
         device net_null1
        interface ten1/0
         encap mpls optE
         ip address 192.0.2.1/30

        """
    private static let vrf = "ip vrf one\n rd 42:1\n route-target both 42:1\n"
    private static let readingLabel = ["by-label", "by-no-label", "from-label", "coloured"]
    private static let settingLabel = ["to-label", "through-table", "by-colour"]

    private func warnings(_ text: String) throws -> Int {
        let found = try load(Self.definitions + text).warnings
        #expect(found.allSatisfy { $0.code == .serviceWithoutEffect }, "\(found.map(\.description).joined())")
        return found.count
    }

    @Test(arguments: readingLabel) func policiesThatReadLabels(name: String) throws {
        let circuit = Self.vrf + "interface ten1/1\n vrf definition one\n"
        #expect(try warnings(circuit + " service-policy input \(name)\n") == 1)
        #expect(try warnings(circuit + " service-policy output \(name)\n") == 0)
        let unit = "interface ten1/0.1\n vrf definition one\n"
        #expect(try warnings(Self.vrf + unit + " service-policy input \(name)\n") == 0)
        #expect(try warnings(Self.vrf + unit + " service-policy output \(name)\n") == 1)
        #expect(try warnings(Self.vrf + " optE transit\n" + unit + " service-policy output \(name)\n") == 0)
        #expect(try warnings("interface ten1/0\n service-policy output \(name)\n") == 0)
    }

    @Test(arguments: settingLabel) func policiesThatSetLabels(name: String) throws {
        let circuit = Self.vrf + "interface ten1/1\n vrf definition one\n"
        #expect(try warnings(circuit + " service-policy input \(name)\n") == 0)
        #expect(try warnings(circuit + " service-policy output \(name)\n") == 1)
        let unit = "interface ten1/0.1\n vrf definition one\n"
        #expect(try warnings(Self.vrf + unit + " service-policy output \(name)\n") == 0)
        #expect(try warnings(Self.vrf + unit + " service-policy input \(name)\n") == 1)
        #expect(try warnings(Self.vrf + " optE transit\n" + unit + " service-policy input \(name)\n") == 0)
    }

    @Test(arguments: [
        Case(" ip access-group four in\n", 1), Case(" ip access-group four out\n", 1),
        Case(" ip verify unicast source reachable-via rx\n", 1), Case(" ipv6 traffic-filter six in\n", 0),
        Case(" ipv6 verify unicast source reachable-via rx\n", 0), Case(" service-policy input plain\n", 0),
    ])
    func familiesThatAreNotCarried(services: Case) throws {
        let onlyIPv6 = Self.vrf + " address-family ipv6\n"
        for interface in ["interface ten1/1\n vrf definition one\n", "interface ten1/0.1\n vrf definition one\n"] {
            #expect(try warnings(onlyIPv6 + interface + services.lines) == services.warnings)
            #expect(try warnings(Self.vrf + interface + services.lines) == 0)
        }
        #expect(try warnings(onlyIPv6 + "interface ten1/0\n" + services.lines) == 0)
    }

    @Test func aClassMapDoesNotLog() throws {
        let list = "ip access-list extended logging\n permit ip any any log\n"
        let classMap = "class-map match-all asking\n match access-group name logging\n"
        #expect(try warnings(list + classMap) == 1)
        #expect(try warnings(list.replacing(" log\n", with: "\n") + classMap) == 0)
        #expect(
            try warnings(
                list + classMap + Self.vrf + "interface ten1/1\n vrf definition one\n ip access-group logging in\n")
                == 0)
    }

    @Test func theVRFIsNamed() throws {
        let found = try load(
            Self.definitions + Self.vrf + " address-family ipv6\ninterface ten1/1\n vrf definition one\n"
                + " ip access-group four in\n"
        ).warnings
        #expect(found.first?.message == "VRF 'one' carries no IPv4: the line has no effect until it does")
        #expect(found.first?.hint == "add 'address-family ipv4' under 'ip vrf one'")
    }
}
