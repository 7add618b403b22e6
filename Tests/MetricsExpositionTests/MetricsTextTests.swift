import ControlProtocol
import ControlProtocolSamples
import MetricsExposition
import NIOCore
import Testing

/// What is written of the sample answers, octet by octet as the text format asks for it.
@Suite struct MetricsTextTests {
    private func text(_ write: (inout MetricsText) -> Void) -> String {
        var text = MetricsText()
        write(&text)
        return String(buffer: text.buffer)
    }

    @Test func `a counter has its help, its type and a line for each of its owners`() {
        let text = text { $0.write(Samples.ports) }
        #expect(
            text.contains(
                """
                # HELP stile_port_receive_missed_packets_total Frames that the device dropped for want of a descriptor.
                # TYPE stile_port_receive_missed_packets_total counter
                stile_port_receive_missed_packets_total{port="ten1/0"} 3

                """), "\(text)")
    }

    @Test func `an interface is known by name, number and VRF`() {
        let text = text { $0.write(Samples.interfaces) }
        #expect(
            text.contains(
                """
                stile_interface_info{interface="ten1/0 vrf three",number="4",kind="unit",vrf="three",nni="ten1/0",\
                port="ten1/0",encapsulation="label"} 1

                """))
        #expect(text.contains("stile_interface_up{interface=\"ten1/1\",vrf=\"one\"} 0\n"))
        // The largest number that a counter can have.
        #expect(
            text.contains(
                "stile_interface_transmit_packets_total{interface=\"ten1/0 vrf three\",vrf=\"three\"} 18446744073709551615\n"
            ))
    }

    @Test func `reasons that have dropped nothing are there as zeros, with their class`() {
        let text = text {
            $0.write(totals: [DropCount(reason: "no_such_vrf", dropClass: .noRoute, packets: 0)])
        }
        #expect(text.contains("stile_dropped_packets_total{reason=\"no_such_vrf\",class=\"no_route\"} 0\n"))
    }

    @Test func `drops are of an interface, of a port, or of the box alone`() {
        let drops = ["ten1/1", "port ten1/0", "-", "stiled"].enumerated().map { index, place in
            InterfaceDrop(
                interface: place, reason: "no_route", dropClass: .noRoute, packets: UInt64(index + 1), help: "")
        }
        let text = text { $0.write(DropsResult(takenAt: Samples.time, drops: drops), vrfs: ["ten1/1": "red"]) }
        let samples = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(
            samples == [
                #"stile_interface_dropped_packets_total{interface="ten1/1",vrf="red",reason="no_route",class="no_route"} 1"#,
                #"stile_port_dropped_packets_total{port="ten1/0",reason="no_route",class="no_route"} 2"#,
            ])
    }

    @Test func `an alarm that does not stand is a zero`() {
        let text = text { $0.write(Samples.status) }
        #expect(text.contains("stile_alarms{alarm=\"commits_unreadable\"} 0\n"))
        for alarm in Samples.status.alarms {
            #expect(text.contains("stile_alarms{alarm=\"\(alarm.kind.rawValue)\"} \(alarm.count)\n"))
        }
    }

    @Test func `every metric is written once, with all its samples behind it`() {
        let text = text {
            $0.write(Samples.status)
            $0.write(ProcessUsage())
            $0.write(Samples.ports)
            $0.write(Samples.interfaces)
            $0.write(Samples.drops, vrfs: [:])
            $0.write(Samples.vrfs)
            $0.write(Samples.bgpSummary)
            $0.write(Samples.policyMap)
            $0.write(Samples.accessLists.entries)
            $0.write(Samples.pipeline)
            $0.write(Samples.flowExporters)
            $0.write(Samples.flowMonitors)
        }
        var seen: Set<Substring> = []
        var current: Substring = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# HELP ") {
                current = line.dropFirst(7).prefix { $0 != " " }
                #expect(seen.insert(current).inserted, "\(current) stands twice")
            } else if line.hasPrefix("# TYPE ") {
                #expect(line.hasPrefix("# TYPE \(current) "))
            } else {
                #expect(line.prefix { $0 != " " && $0 != "{" } == current, "\(line)")
            }
        }
        #expect(seen.count > 60)
    }

    @Test func `what stands in a configuration cannot break a line`() {
        let text = text {
            $0.write(totals: [DropCount(reason: "a\\b\"c\nd", dropClass: .policy, packets: 0)])
        }
        #expect(text.contains("reason=\"a\\\\b\\\"c\\nd\",class=\"policy\"} 0\n"))
    }
}
