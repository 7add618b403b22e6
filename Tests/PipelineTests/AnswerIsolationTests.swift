import CTableLayout
import ForwardingTables
import Pipeline
import Testing

/// What the box says because of a packet that came by an NNI crosses to another NNI only with transit, whoever the source
/// of that packet is.
@Suite struct AnswerIsolationTests {
    /// Behind the first NNI (unit 11 of VRF 1) and behind the second (unit 21).
    private static let behindFirst: UInt32 = 0x0A03_0009
    private static let behindSecond: UInt32 = 0x0A03_0709
    private static let ipv6BehindFirst: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]
    private static let ipv6BehindSecond: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 3, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9]

    private static func frame(_ packet: [UInt8], timeToLive: UInt8 = 64, label: UInt32 = 1001) -> (UInt16, [UInt8]) {
        (0, PacketBuilder.labelledFrame(nni: 0, label: label, timeToLive: timeToLive, packet: packet))
    }

    /// Every cause of an ICMP error, in both families: the error goes back by the NNI that the packet came from, and
    /// nowhere if its source is behind another.
    @Test(
        arguments: [
            ("label expired", 0x0A01_0009, 1, 0), ("TTL expired in pipe mode or by itself", 0x0A01_0009, 1, 0),
            ("no route", 0xAC10_0001, 64, 0), ("host silent", 0x0A08_0001, 64, 0), ("too big", 0x0A07_0001, 64, 40),
        ] as [(String, UInt32, UInt8, Int)])
    func errorGoesBackAndNotAcross(cause: String, destination: UInt32, timeToLive: UInt8, payload: Int) throws {
        for usesCommonPath in [false, true] {
            let lab = try Lab()
            lab.worker.pointee.usesCommonPath = usesCommonPath
            lab.useUpProbe()
            func verdict(_ source: UInt32) -> Verdict? {
                let packet = PacketBuilder.ipv4(
                    source: source, destination: destination, fragment: 0x4000,
                    payload: [UInt8](repeating: 1, count: payload))
                return lab.run([Self.frame(packet, timeToLive: timeToLive)]).first?.verdict
            }
            #expect(verdict(Self.behindFirst) == .transmit(port: 0), "\(cause)")
            #expect(verdict(Self.behindSecond) == .drop(.transitNotAllowed), "\(cause)")
            #expect(lab.drops(.transitNotAllowed, counter: 11) == 1, "\(cause)")
            // The source is a customer's here: that is what reverse path filtering is for, and no other operator's.
            #expect(verdict(0x0A02_0009) == .transmit(port: 3), "\(cause)")
        }
    }

    @Test func ipv6ErrorGoesBackAndNotAcross() throws {
        let lab = try Lab()
        func verdict(_ source: [UInt8]) -> Verdict? {
            let packet = PacketBuilder.ipv6(source: source, destination: Self.ipv6BehindFirst, payload: [1, 2, 3, 4])
            return lab.run([Self.frame(packet, timeToLive: 1)]).first?.verdict
        }
        #expect(verdict(Self.ipv6BehindFirst) == .transmit(port: 0))
        #expect(verdict(Self.ipv6BehindSecond) == .drop(.transitNotAllowed))
    }

    @Test func errorCrossesWhereTheVRFHasTransit() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A04_0009, destination: 0x0A01_0009)
        #expect(lab.run([Self.frame(packet, timeToLive: 1, label: 1002)]).first?.verdict == .transmit(port: 1))
    }

    /// An error that has to wait for an NNI's neighbor is dropped at once where it could not leave by it.
    @Test func errorIsNotHeldForAnotherNNI() throws {
        let lab = try Lab()
        let packet = PacketBuilder.ipv4(source: 0x0A03_0909, destination: 0x0A01_0009)
        let other = PacketBuilder.labelledFrame(nni: 1, label: 1005, timeToLive: 1, packet: packet)
        #expect(lab.run([(1, other)]).first?.verdict == .drop(.transitNotAllowed))
        #expect(lab.run([Self.frame(packet, timeToLive: 1)]).first?.verdict == .punt(.glean))
    }

    /// An answer of the control process: echo reply, port or host unreachable.
    @Test func injectedAnswerGoesBackAndNotAcross() throws {
        let lab = try Lab()
        func verdict(_ destination: UInt32, vrf: UInt16, _ flags: PacketFlags, nni: UInt16) -> Verdict? {
            let answer = PacketBuilder.ipv4(source: 0x0A01_0001, destination: destination)
            return lab.inject(
                [(vrf, answer)], flags: flags.with(.saidByTheBox), becauseOf: 11, answeredNNI: nni
            ).first?.verdict
        }
        #expect(verdict(Self.behindFirst, vrf: 1, .cameLabelled, nni: 1) == .transmit(port: 0))
        #expect(verdict(Self.behindSecond, vrf: 1, .cameLabelled, nni: 1) == .drop(.transitNotAllowed))
        // It counts where the packet came in that is answered: on the customer's unit.
        #expect(lab.drops(.transitNotAllowed, counter: 11) == 1)
        #expect(verdict(Self.behindSecond, vrf: 1, .cameLabelled, nni: 2) == .transmit(port: 1))
        #expect(verdict(0x0A01_0009, vrf: 1, .cameLabelled, nni: 1) == .transmit(port: 2))
        // A VRF with transit, and an NNI that is gone meanwhile.
        #expect(verdict(0x0A04_0009, vrf: 2, .cameLabelled.with(.mayTransit), nni: 1) == .transmit(port: 1))
        #expect(verdict(Self.behindFirst, vrf: 1, .cameLabelled, nni: 0) == .drop(.transitNotAllowed))
    }

    /// Without a label: the kernel would answer the source by the NNI that it is on.
    @Test func echoRequestIsTakenFromItsOwnSubnetOnly() throws {
        let lab = try Lab()
        func verdict(_ source: UInt32) -> Verdict? {
            let echo = PacketBuilder.ipv4(
                source: source, destination: 0xC0A8_0001, protocolNumber: 1, payload: [8, 0, 0, 0, 0, 0, 0, 0])
            return lab.run([(0, PacketBuilder.nniFrame(nni: 0, etherType: [8, 0], payload: echo))]).first?.verdict
        }
        #expect(verdict(0xC0A8_0000) == .punt(.icmp))
        #expect(verdict(0xC0A8_0007) == .punt(.icmp))
        #expect(verdict(0xC0A8_0107) == .drop(.unlabelledOnNNI))
        func verdict6(_ subnet: UInt8) -> Verdict? {
            var source = LabPlan.nniIPv6
            source[7] = subnet
            let echo = PacketBuilder.ipv6(
                source: source, destination: LabPlan.nniIPv6, nextHeader: 58, payload: [128, 0, 0, 0])
            let frame = PacketBuilder.nniFrame(nni: 0, etherType: [0x86, 0xDD], payload: echo)
            return lab.run([(0, frame)]).first?.verdict
        }
        #expect(verdict6(0) == .punt(.icmp))
        #expect(verdict6(1) == .drop(.unlabelledOnNNI))
    }
}
