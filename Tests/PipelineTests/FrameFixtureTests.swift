import Pipeline
import Testing

/// Frames in → frames out, octet by octet, against scapy's.
@Suite struct FrameFixtureTests {
    @Test(arguments: try FrameFixture.all())
    func framesComeOutAsScapyBuildsThem(_ fixture: FrameFixture) throws {
        let lab = try Lab()
        lab.useUpProbe()
        let outcome = try #require(lab.run([(fixture.port, octets(hex: fixture.input))]).first)
        switch outcome.verdict {
        case .transmit(let port):
            #expect(fixture.verdict == "transmit")
            let expected = try #require(fixture.out.first)
            #expect(port == expected.port)
            #expect(hex(outcome.frame ?? []) == expected.frame)
        case .fragmented:
            #expect(fixture.verdict == "fragmented")
            #expect(lab.pool.transmitted.map { hex($0.octets) } == fixture.out.map(\.frame))
            #expect(lab.pool.transmitted.map(\.port) == fixture.out.map(\.port))
        case .replicated:
            #expect(fixture.verdict == "replicated")
            #expect(lab.pool.transmitted.map { hex($0.octets) } == fixture.out.map(\.frame))
            #expect(lab.pool.transmitted.map(\.port) == fixture.out.map(\.port))
        case .drop(let reason):
            #expect(fixture.verdict == "drop:" + reason.identifier)
            // The ICMP error about a packet whose label is swapped is a frame of its own.
            #expect(lab.pool.transmitted.map { hex($0.octets) } == fixture.out.map(\.frame))
            #expect(lab.pool.transmitted.map(\.port) == fixture.out.map(\.port))
        case .punt(let puntClass):
            #expect(fixture.verdict == "punt:" + puntClass.identifier)
            if puntClass.isFrame { #expect(outcome.punt?.octets == octets(hex: fixture.input)) }
        case .pending:
            Issue.record("no stage decided")
        }
    }

    @Test func everyPathIsAmongTheCases() throws {
        let names = try FrameFixture.all().map(\.name)
        for path in [
            "customer to NNI", "NNI to customer", "customer to customer", "NNI to NNI transit", "swap from the core",
            "swap from an NNI", "swap from NNI to NNI",
        ] {
            for family in ["v4", "v6"] {
                #expect(names.contains { $0.hasPrefix(path) && $0.contains(family) }, "\(path), \(family)")
            }
        }
    }
}

extension Lab {
    /// Takes the one packet that an unreachable next hop punts in a second.
    func useUpProbe(cycles: UInt64 = 1) {
        let probe = PacketBuilder.ipv4(source: 0x0A01_004D, destination: 0x0A08_0001)
        let outcome = run([(2, PacketBuilder.circuitFrame(counter: 41, packet: probe))], cycles: cycles)
        #expect(outcome.first?.verdict == .punt(.glean))
    }
}
