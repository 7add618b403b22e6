import Configuration
import Testing

/// A number that the language accepts is one that the box can start with.
@Suite struct NumbersAtTheirEndsTests {
    private typealias Text = LaboratoryConfiguration

    /// The configuration of the laboratory with every number at one end of its range.
    private static func text(atMaximum: Bool) -> String {
        func end(_ least: String, _ greatest: String) -> String { atMaximum ? greatest : least }
        let dataplane = """
            dataplane
             workers \(end("1", "64"))
             memory packets \(end("8", "65536"))
             memory tables \(end("8", "4096"))
            mpls label range \(end("16 16", "16 1048575"))
            mpls label quarantine \(end("0", "604800"))

            """
        let policies = """
            flow exporter collector
             destination 198.51.100.9
             transport udp \(end("1", "65535"))
             template-interval \(end("1", "86400"))
            flow monitor customers
             exporter collector
             cache timeout active \(end("1", "604800"))
             cache timeout inactive \(end("1", "604800"))
             cache entries \(end("16", "49152"))
             sampling 1 out-of \(end("1", "65535"))
            policy-map ends
             class class-default
              police cir \(end("8000 bc 1500", "1000000000000 bc 100000000000")) pir \(end("8000", "1000000000000")) be \(end("1500", "100000000000")) account \(end("0", "64")) conform-action transmit exceed-action transmit violate-action drop
            policy-map steep
             class class-default
              police cir 8000 bc 100000000000 pir 1000000000000 be 1500 conform-action transmit exceed-action transmit violate-action drop

            """
        let ports = Text.ports.replacing(
            " device net_null0\n",
            with: " device net_null0\n rx-queues \(end("1", "64"))\n mtu \(end("1280", "9600"))\n"
        )
        .replacing(" device net_null1\n", with: " device net_null1\n mtu \(end("1280", "9600"))\n")
        let vrfs = Text.vrfs.replacing(
            " rd 42:1\n",
            with: " rd 42:1\n flow monitor customers\n maximum routes \(end("1", "4294967295"))\n")
        let interfaces = Text.interfaces.replacing(
            "interface ten1/1\n",
            with:
                "interface ten1/1\n mtu \(end("1280", "9600"))\n service-policy input ends\n service-policy output steep\n"
        ).replacing("dot1q 30", with: "dot1q \(end("1", "4094"))").replacing(
            "ten1/2.30", with: "ten1/2.\(end("1", "4294967295"))")
        let bgp = Text.bgp.replacing(
            "router bgp 42\n",
            with: "router bgp \(end("1", "4294967294"))\n bgp graceful-restart restart-time \(end("1", "4095"))\n"
        ).replacing(
            " neighbor 192.0.2.2 remote-as 65001\n",
            with: """
                 neighbor 192.0.2.2 remote-as \(end("2", "4294967293"))
                 neighbor 192.0.2.2 ttl-security hops \(end("1", "254"))
                 neighbor 192.0.2.2 timers \(end("0 0", "21845 65535"))
                 neighbor 192.0.2.2 maximum-prefix \(end("1", "4294967295"))

                """)
        return dataplane + ports + policies + vrfs + interfaces + bgp
    }

    @Test(arguments: [false, true]) func aBoxStartsWithThem(atMaximum: Bool) async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text(atMaximum: atMaximum))
        #expect(try laboratory.tables().reader.header.pointee.worker_count == (atMaximum ? 64 : 1))
        await laboratory.stop()
    }

    @Test(arguments: ["memory tables 4097", "memory tables 7", "workers 65", "workers 0", "cores 0-64"])
    func whatTheBoxCannotDoIsRefused(_ line: String) {
        #expect(throws: InvalidConfiguration.self) {
            try ConfigurationParser.parse(text: "dataplane\n \(line)\n", fileName: "t")
        }
    }
}
