import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables

extension Laboratory {
    /// What is done to packets at each entrance, without the numbers that depend on what was there before.
    func servicesInWords() async throws -> [String] {
        let result = try await ask(ShowVRFs())
        let names = Dictionary(uniqueKeysWithValues: result.vrfs.map { (UInt16(clamping: $0.number), $0.name) })
        let view = try services()
        var lines: [String] = []
        for port in 0..<UInt16(STILE_MAX_PORTS) {
            let record = view.reader.ports[Int(port)]
            guard record.flags & STILE_PORT_IN_USE.rawValue != 0 else { continue }
            // The port's index is one of the numbers that depend on what was there before.
            let name = withUnsafeBytes(of: record.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            var found = [("untagged", view.reader.interface(untaggedOn: port))]
            found += [30, 40, 100, 200, 300].map { ("\($0)", view.reader.interface(port: port, vid: $0)) }
            found += [1, 2].map { ("40.\($0)", view.reader.interface(port: port, outer: 40, inner: $0)) }
            for (tag, index) in found where index != 0 {
                let record = view.reader.interfaces[Int(index)]
                lines.append("\(name) \(tag): \(view.words(record))")
                for entry in view.labelEntries(of: record) {
                    lines.append(
                        "\(name) \(tag) label of \(names[entry.vrf] ?? "?"): \(entry.flags) \(entry.features) "
                            + view.words(view.unit(entry)))
                }
            }
        }
        return lines.sorted()
    }
}

extension InstalledServicesView {
    fileprivate func words(_ interface: stile_interface) -> String {
        // Without features the record may be there for what leaves.
        guard interface.services != 0 else { return "features \(interface.features)" }
        let record = services(interface)
        let lists = [
            record.access_list_in_ipv4, record.access_list_in_ipv6, record.access_list_out_ipv4,
            record.access_list_out_ipv6,
        ]
        let policies = [
            classes(first: record.classes_in_first, count: record.classes_in_count),
            classes(first: record.classes_out_first, count: record.classes_out_count),
        ]
        let maps = [record.route_maps_in, record.route_maps_out].flatMap { maps in
            AddressFamily.allCases.map { routeMapEntries(maps, $0).map(words) }
        }
        return "features \(interface.features) lists \(lists.map(words)) policies \(policies.map { $0.map(words) }) "
            + "route maps \(maps)"
    }

    private func words(_ list: UInt32) -> String {
        guard list != 0 else { return "none" }
        return rules(ofList: list).map { rule in
            "\(rule.sequence) \(rule.permits) \(rule.protocol) \(rule.destination_port_low) "
                + (rule.hits == 0 ? "uncounted" : "counted")
        }.joined(separator: ", ")
    }

    private func words(_ entry: stile_route_map_entry) -> String {
        let criteria = criteria(entry.match).map { "\(words($0.access_list_ipv4)) \(words($0.access_list_ipv6))" }
        let nextHops = withUnsafeBytes(of: entry.next_hops) {
            $0.bindMemory(to: UInt32.self).prefix(Int(entry.next_hop_count)).map { nextHop in
                // Whether the neighbor has been given up is a matter of time.
                reader.nextHop(nextHop).hasInterface ? "somewhere" : "nowhere"
            }
        }
        return "\(entry.sequence) \(entry.length_low)-\(entry.length_high) \(criteria) \(nextHops) \(entry.action) "
            + "dscp \(entry.dscp) \(entry.instance == 0 ? "uncounted" : "counted")"
    }

    private func words(_ one: stile_policy_class) -> String {
        let criteria = criteria(one.match).map {
            "\($0.kind) \($0.dscps) \($0.traffic_classes) \(words($0.access_list_ipv4)) \(words($0.access_list_ipv6))"
        }
        return "\(criteria) dscp \(one.dscp) cost \(one.policer.committed_cost) "
            + (one.instance == 0 ? "uncounted" : "counted")
    }
}
