import Addressing
import FlowExport
import SeededRandom
import Testing

@Suite struct ExportSessionTests {
    private static let names = ObservedNames(
        interfaces: [41: "ten1/1", 11: "ten1/0 vrf one"], vrfs: [1: "one"], samplingIntervals: [1: 100])

    private static func session(interval: UInt32? = 60, names: ObservedNames = ObservedNames()) -> ExportSession {
        ExportSession(observationDomain: 7, templateIntervalSeconds: interval, names: names)
    }

    private static func flow(_ random: inout SeededGenerator) -> MeteredFlow {
        let isIPv6 = random.once(in: 2)
        func address() -> IPAddress {
            isIPv6
                ? .ipv6(IPv6Address(rawValue: UInt128(random.next()) << 64 | UInt128(random.next())))
                : .ipv4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: random.next())))
        }
        return MeteredFlow(
            source: address(), destination: address(), protocolNumber: random.pick([1, 6, 17, 58, 132]),
            trafficClass: random.octet(), sourcePort: UInt16(truncatingIfNeeded: random.next()),
            destinationPort: UInt16(truncatingIfNeeded: random.next()),
            tcpControlBits: UInt16(random.below(4_096)), ingressInterface: UInt32(random.below(65_536)),
            egressInterface: UInt32(random.below(65_536)), vrf: UInt32(random.below(65_536)),
            egressVRF: UInt32(random.below(65_536)),
            forwardingStatus: random.octet(), packets: random.next(), octets: random.next(),
            startMilliseconds: random.next(), endMilliseconds: random.next(), endReason: random.octet(),
            labelStackEntry: random.once(in: 2) ? UInt32(truncatingIfNeeded: random.next()) : nil,
            egressLabelStackEntry: random.once(in: 2) ? UInt32(truncatingIfNeeded: random.next()) : nil)
    }

    @Test func `the first template is as RFC 7011 and IANA's registry have it`() throws {
        var session = Self.session()
        let message = try #require(session.flush(exportSeconds: 0x0102_0304).first)
        let expected: [UInt8] = [
            0, 10, UInt8(message.octets.count >> 8), UInt8(message.octets.count & 255), 1, 2, 3, 4, 0, 0, 0, 0,
            0, 0, 0, 7,
            // A set of two templates with 18 fields and two with 16: 4 + 2 * 76 + 2 * 68 octets. Template 256.
            0, 2, 1, 0x24, 1, 0, 0, 18,
            0, 152, 0, 8, 0, 153, 0, 8, 0, 1, 0, 8, 0, 2, 0, 8, 0, 8, 0, 4, 0, 12, 0, 4, 0, 7, 0, 2, 0, 11, 0, 2,
            0, 6, 0, 2, 0, 4, 0, 1, 0, 5, 0, 1, 0, 10, 0, 4, 0, 14, 0, 4, 0, 234, 0, 4, 0, 235, 0, 4, 1, 46, 0, 4,
            0, 89, 0, 1, 0, 136, 0, 1,
        ]
        #expect(Array(message.octets.prefix(expected.count)) == expected)
        #expect(message.flows == 0)
    }

    @Test func `what is read is what was written, in messages that fit and are numbered`() throws {
        var random = SeededGenerator()
        var session = Self.session(interval: 5, names: Self.names)
        var reader = MessageReader()
        var sent: [MeteredFlow] = []
        var read: [MessageReader.Record] = []
        var sequenceNumber: UInt32 = 0
        var flows = 0
        for step in 0..<5_000 {
            let now = UInt32(1_000 + step / 100)
            let flow = Self.flow(&random)
            sent.append(flow)
            var messages = session.add(flow, exportSeconds: now)
            if random.once(in: 20) { messages += session.flush(exportSeconds: now) }
            if step == 4_999 { messages += session.flush(exportSeconds: now) }
            for message in messages {
                #expect(message.octets.count <= ExportSession.longestMessageOctets)
                flows += message.flows
                let content = try reader.read(message.octets)
                #expect(content.sequenceNumber == sequenceNumber && content.observationDomain == 7)
                sequenceNumber += UInt32(content.records.count)
                read += content.records
            }
        }
        #expect(session.sequenceNumber == sequenceNumber)
        #expect(flows == sent.count)
        let records = read.filter { !(260...262).contains($0.template) }
        #expect(records.count == sent.count)
        for (record, flow) in zip(records, sent) { expect(record, is: flow) }
        // The names go with each of the ten times that templates are sent.
        #expect(read.count - records.count == 10 * 4)
    }

    private func expect(_ record: MessageReader.Record, is flow: MeteredFlow) {
        let isIPv4 = flow.source.family == .ipv4
        let isICMP = flow.protocolNumber == (isIPv4 ? 1 : 58)
        #expect(record.values[isIPv4 ? 8 : 27] == flow.source.octets)
        #expect(record.values[isIPv4 ? 12 : 28] == flow.destination.octets)
        if isICMP {
            #expect(record.number(isIPv4 ? 32 : 139) == UInt64(flow.destinationPort) && record.number(7) == nil)
        } else {
            #expect(record.number(7) == UInt64(flow.sourcePort) && record.number(11) == UInt64(flow.destinationPort))
            #expect(record.number(6) == UInt64(flow.tcpControlBits))
        }
        #expect(record.number(4) == UInt64(flow.protocolNumber) && record.number(5) == UInt64(flow.trafficClass))
        #expect(record.number(10) == UInt64(flow.ingressInterface))
        #expect(record.number(14) == UInt64(flow.egressInterface))
        #expect(record.number(235) == UInt64(flow.egressVRF))
        #expect(record.number(234) == UInt64(flow.vrf) && record.number(302) == UInt64(flow.vrf))
        #expect(record.number(89) == UInt64(flow.forwardingStatus) && record.number(136) == UInt64(flow.endReason))
        #expect(record.number(2) == flow.packets && record.number(1) == flow.octets)
        // The label that packets came in with stands before the one that they left with.
        let labels = [flow.labelStackEntry, flow.egressLabelStackEntry].compactMap { $0.map { $0 >> 8 } }
        #expect(record.all(70) == labels.map { [UInt8($0 >> 16), UInt8($0 >> 8 & 255), UInt8($0 & 255)] })
        #expect(record.number(152) == flow.startMilliseconds && record.number(153) == flow.endMilliseconds)
    }

    @Test func `templates come again over UDP, and once over TCP`() throws {
        for (interval, expected) in [(60 as UInt32?, [0, 60, 120]), (nil, [0])] {
            var session = Self.session(interval: interval)
            var reader = MessageReader()
            var times: [Int] = []
            for second in 0..<150 {
                for message in session.flush(exportSeconds: UInt32(second)) {
                    let templates = try reader.read(message.octets).templates
                    #expect(templates == Array(256...270))
                    times.append(second)
                }
            }
            #expect(times == expected)
        }
    }

    @Test func `a clock that is set back brings templates at once`() {
        var session = Self.session(interval: 60)
        #expect(session.flush(exportSeconds: 1_000).count == 1)
        #expect(session.flush(exportSeconds: 1_001).isEmpty)
        #expect(session.flush(exportSeconds: 10).count == 1)
    }

    @Test func `names are told, and told again when they change`() throws {
        var session = Self.session(interval: nil, names: Self.names)
        var reader = MessageReader()
        let first = try reader.read(try #require(session.flush(exportSeconds: 0).first).octets)
        let selector = try #require(first.records.first { $0.template == 260 })
        #expect(selector.number(302) == 1 && selector.number(304) == 1)
        #expect(selector.number(305) == 1 && selector.number(306) == 99)
        let vrf = try #require(first.records.first { $0.template == 262 })
        #expect(vrf.number(234) == 1 && vrf.values[236] == Array("one".utf8))
        let interfaces = first.records.filter { $0.template == 261 }
        #expect(interfaces.map { $0.number(10) } == [11, 41])
        #expect(interfaces.map { $0.values[82] } == [Array("ten1/0 vrf one".utf8), Array("ten1/1".utf8)])

        #expect(session.setNames(Self.names, exportSeconds: 1).isEmpty && session.flush(exportSeconds: 1).isEmpty)
        // 300 octets of two-octet characters: cut between two of them.
        let long = String(repeating: "ä", count: 150)
        let messages =
            session.setNames(ObservedNames(vrfs: [2: long]), exportSeconds: 2) + session.flush(exportSeconds: 2)
        let second = try reader.read(try #require(messages.first).octets)
        #expect(second.sequenceNumber == 4 && second.templates.isEmpty)
        #expect(second.records.map { $0.values[236]?.count } == [254])
    }
}
