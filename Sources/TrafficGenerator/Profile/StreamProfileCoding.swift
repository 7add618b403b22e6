import Addressing
import ControlProtocol

extension StreamProfile: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name, vrf, port
        case destinationMAC = "destinationMac"
        case sourceMAC = "sourceMac"
        case vlans, labels, spoofedLabels, destinations, destinationHosts, sources, sourceHosts
        case frameSizes = "frameBytes"
        case rate, timeToLive
        case trafficClassOctet = "trafficClass"
        case udpSourcePort, udpDestinationPort, attack
    }

    /// Any key, so that a misspelt one is found.
    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public init(from decoder: any Decoder) throws {
        let known = Set(CodingKeys.allCases.map(\.rawValue))
        let all = try decoder.container(keyedBy: AnyKey.self)
        if let unknown = all.allKeys.map(\.stringValue).sorted().first(where: { !known.contains($0) }) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "there is no key '\(unknown.snakeCase)' in a stream"))
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let destinations = try container.decode([IPPrefix].self, forKey: .destinations)
        let family = destinations.first?.family ?? .ipv4
        self.init(
            name: try container.decode(String.self, forKey: .name),
            vrf: try container.decodeIfPresent(String.self, forKey: .vrf),
            port: try container.decodeIfPresent(String.self, forKey: .port),
            destinationMAC: try container.decodeIfPresent(MACAddress.self, forKey: .destinationMAC) ?? .broadcast,
            sourceMAC: try container.decodeIfPresent(MACAddress.self, forKey: .sourceMAC),
            vlans: try container.decodeIfPresent([UInt16].self, forKey: .vlans) ?? [],
            labels: try container.decodeIfPresent([MPLSLabel].self, forKey: .labels) ?? [], family: family,
            destinations: destinations,
            destinationHosts: try container.decodeIfPresent(HostOrder.self, forKey: .destinationHosts) ?? .random,
            sources: try container.decode([IPPrefix].self, forKey: .sources),
            sourceHosts: try container.decodeIfPresent(HostOrder.self, forKey: .sourceHosts) ?? .random,
            frameSizes: try container.decodeIfPresent(FrameSizes.self, forKey: .frameSizes) ?? .fixed(64),
            rate: try container.decodeIfPresent(StreamRate.self, forKey: .rate) ?? .packetsPerSecond(1000),
            attack: try container.decodeIfPresent(AttackKind.self, forKey: .attack))
        spoofedLabels = try container.decodeIfPresent([MPLSLabel].self, forKey: .spoofedLabels) ?? []
        timeToLive = try container.decodeIfPresent(UInt8.self, forKey: .timeToLive) ?? timeToLive
        trafficClassOctet = try container.decodeIfPresent(UInt8.self, forKey: .trafficClassOctet) ?? trafficClassOctet
        udpSourcePort = try container.decodeIfPresent(UInt16.self, forKey: .udpSourcePort) ?? udpSourcePort
        udpDestinationPort =
            try container.decodeIfPresent(UInt16.self, forKey: .udpDestinationPort) ?? udpDestinationPort
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encodeIfPresent(vrf, forKey: .vrf)
        try container.encodeIfPresent(port, forKey: .port)
        try container.encode(destinationMAC, forKey: .destinationMAC)
        try container.encodeIfPresent(sourceMAC, forKey: .sourceMAC)
        try container.encode(vlans, forKey: .vlans)
        try container.encode(labels, forKey: .labels)
        if !spoofedLabels.isEmpty { try container.encode(spoofedLabels, forKey: .spoofedLabels) }
        try container.encode(destinations, forKey: .destinations)
        try container.encode(destinationHosts, forKey: .destinationHosts)
        try container.encode(sources, forKey: .sources)
        try container.encode(sourceHosts, forKey: .sourceHosts)
        try container.encode(frameSizes, forKey: .frameSizes)
        try container.encode(rate, forKey: .rate)
        try container.encode(timeToLive, forKey: .timeToLive)
        try container.encode(trafficClassOctet, forKey: .trafficClassOctet)
        try container.encode(udpSourcePort, forKey: .udpSourcePort)
        try container.encode(udpDestinationPort, forKey: .udpDestinationPort)
        try container.encodeIfPresent(attack, forKey: .attack)
    }

    /// What makes the stream impossible, in words; `nil` for one that can be sent.
    var fault: String? {
        if name.isEmpty { return "the name is empty" }
        if destinations.isEmpty { return "it has no destinations" }
        if sources.isEmpty { return "it has no sources" }
        if destinations.contains(where: { $0.family != family }) { return "its destinations are of two families" }
        if sources.contains(where: { $0.family != family }) { return "its sources and destinations differ in family" }
        if vlans.count > 2 { return "it has \(vlans.count) VLAN tags, at most two are possible" }
        if let vlan = vlans.first(where: { !(1...4094).contains($0) }) { return "there is no VLAN \(vlan)" }
        if labels.count > 4 { return "it has \(labels.count) labels, at most four are possible" }
        if !spoofedLabels.isEmpty, labels.isEmpty { return "spoofed labels want a label that they take the place of" }
        return nil
    }
}
