import ControlProtocol

extension MetricsText {
    /// What classes of attached policies took, by the colour that their policers gave; without a policer all is green. They
    /// begin anew when an operator clears them.
    public mutating func write(_ result: PolicyMapResult) {
        var packets: [MetricSample] = []
        var bytes: [MetricSample] = []
        for policy in result.policies {
            for policyClass in policy.classes {
                let colours = [
                    ("green", policyClass.green), ("yellow", policyClass.yellow), ("red", policyClass.red),
                ]
                for (colour, count) in colours where colour == "green" || policyClass.policer != nil {
                    let labels: KeyValuePairs<String, String?> = [
                        "interface": policy.unit ?? policy.interface, "vrf": policy.vrf,
                        "direction": policy.direction.rawValue, "policy_map": policy.policyMap,
                        "class_map": policyClass.name, "colour": colour,
                    ]
                    packets.append(MetricSample(labels, count.packets))
                    bytes.append(MetricSample(labels, count.bytes))
                }
            }
        }
        counter("stile_policy_packets", "Packets of a class of an attached policy, by the policer's colour.", packets)
        counter("stile_policy_bytes", "IP octets of a class of an attached policy, by the policer's colour.", bytes)
    }

    /// What entries of access lists decided; those that nothing uses count nothing.
    public mutating func write(_ entries: [AccessListEntryStatus]) {
        counter(
            "stile_access_list_packets", "Packets that an entry of an access list decided, wherever the list is used.",
            entries.compactMap { entry in
                entry.hitPackets.map {
                    MetricSample(
                        [
                            "access_list": entry.accessList, "family": entry.family.rawValue,
                            "sequence": entry.sequence.map { "\($0)" } ?? "implicit_deny",
                            // A counter belongs to what an entry says, not to where it stands.
                            "rule": entry.text,
                        ], $0)
                }
            })
    }
}
