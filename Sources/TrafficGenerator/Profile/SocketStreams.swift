import Addressing
import ControlProtocol

/// Which way streams made from a running Stile go.
public enum StreamDirection: String, Codable, Hashable, Sendable, CaseIterable {
    case nniToCircuit = "nni-to-circuit"
    case circuitToNNI = "circuit-to-nni"
    /// Only VRFs with transit.
    case nniToNNI = "nni-to-nni"
}

extension TrafficProfile {
    /// Streams that exercise a running Stile: for each valid label the routes behind its VRF's circuits, for each circuit
    /// the routes that its VRF has over NNIs. Sources are those that the VRF would route back, so that unicast RPF lets
    /// them pass.
    ///
    /// - Throws: `TrafficError` with `nothingToSend` when there is no label and route to make a stream of.
    public init(
        snapshot: SocketSnapshot, directions: [StreamDirection], frameSizes: FrameSizes
    ) throws(TrafficError) {
        let maker = SocketStreamMaker(snapshot: snapshot, frameSizes: frameSizes)
        let streams = directions.flatMap(maker.streams)
        guard !streams.isEmpty else {
            throw TrafficError(
                .nothingToSend,
                "no stream \(directions.map(\.rawValue).joined(separator: ", ")) can be made: \(maker.poverty)",
                hint: "stile show labels and stile show routes tell what there is")
        }
        self.init(description: "made from a running Stile", streams: streams)
        try check()
    }
}

private struct SocketStreamMaker {
    let snapshot: SocketSnapshot
    let frameSizes: FrameSizes
    private let interfaces: [String: InterfaceStatus]

    /// Where a route leads.
    private enum Exit: Hashable {
        case circuit(String)
        case nni
    }

    /// RFC 2544 §C.2.2 and RFC 5180 §8 set these aside for benchmarks: sources of VRFs that have no route back.
    private static let benchmarkIPv4 = IPPrefix(
        covering: .ipv4(IPv4Address(198, 18, 0, 0)), length: 15)
    private static let benchmarkIPv6 = IPPrefix(
        covering: .ipv6(IPv6Address(rawValue: 0x2001_0002 << 96)), length: 48)
    /// A connected subnet's hosts have a neighbor entry each: a few of them are enough.
    private static let connectedHosts: UInt128 = 8

    init(snapshot: SocketSnapshot, frameSizes: FrameSizes) {
        self.snapshot = snapshot
        self.frameSizes = frameSizes
        interfaces = Dictionary(snapshot.interfaces.map { ($0.name, $0) }) { first, _ in first }
    }

    var poverty: String {
        "\(snapshot.labels.count) valid labels, \(snapshot.routes.count) routes"
    }

    func streams(_ direction: StreamDirection) -> [StreamProfile] {
        var streams: [StreamProfile] = []
        for family in AddressFamily.allCases {
            switch direction {
            case .nniToCircuit, .nniToNNI:
                for label in snapshot.labels {
                    guard let nni = interfaces[label.nni] else { continue }
                    if direction == .nniToNNI,
                        snapshot.vrfs.first(where: { $0.name == label.vrf })?.isTransit != true
                    {
                        continue
                    }
                    let behindCircuits = prefixes(of: label.vrf, family) {
                        if case .circuit = $0 { true } else { false }
                    }
                    let overNNIs = prefixes(of: label.vrf, family) { $0 == .nni }
                    streams += stream(
                        "\(label.nni) label \(label.label) \(direction == .nniToNNI ? "transit " : "")\(family.text)",
                        vrf: label.vrf, from: nni, labels: [label.label],
                        to: direction == .nniToNNI ? overNNIs : behindCircuits, sources: overNNIs, family)
                }
            case .circuitToNNI:
                for circuit in snapshot.interfaces where circuit.kind == .attachmentCircuit {
                    guard let vrf = circuit.vrf else { continue }
                    streams += stream(
                        "\(circuit.name) \(family.text)", vrf: vrf, from: circuit, labels: [],
                        to: prefixes(of: vrf, family) { $0 == .nni },
                        sources: prefixes(of: vrf, family) { $0 == .circuit(circuit.name) }, family)
                }
            }
        }
        return streams
    }

    private func stream(
        _ name: String, vrf: String, from interface: InterfaceStatus, labels: [MPLSLabel], to destinations: [IPPrefix],
        sources: [IPPrefix], _ family: AddressFamily
    ) -> [StreamProfile] {
        let port = snapshot.ports.first { $0.name == interface.port }
        guard !destinations.isEmpty, let mac = interface.macAddress ?? port?.macAddress else { return [] }
        let fallback = family == .ipv4 ? Self.benchmarkIPv4 : Self.benchmarkIPv6
        let sources = sources.isEmpty ? [fallback].compactMap { $0 } : sources
        return [
            StreamProfile(
                name: name, vrf: vrf, port: interface.port, destinationMAC: mac, vlans: interface.vlans, labels: labels,
                family: family, destinations: destinations, sources: sources, frameSizes: frameSizes)
        ]
    }

    /// The destinations of a VRF that lead to an exit. Routes to a next hop come before connected subnets, which stand in
    /// for them only where there is nothing else.
    private func prefixes(of vrf: String, _ family: AddressFamily, to isWanted: (Exit) -> Bool) -> [IPPrefix] {
        var routed: [IPPrefix] = []
        var connected: [IPPrefix] = []
        for route in snapshot.routes where route.vrf == vrf && route.prefix.family == family {
            guard let nextHop = route.nextHops.first, isWanted(exit(nextHop)) else { continue }
            if route.source == .connected {
                connected += hosts(of: route.prefix, on: nextHop.interface)
            } else {
                routed.append(route.prefix)
            }
        }
        return routed.isEmpty ? connected : routed
    }

    private func exit(_ nextHop: RouteNextHop) -> Exit {
        nextHop.label == nil ? .circuit(nextHop.interface) : .nni
    }

    /// The first few hosts of a connected subnet, without the box's own addresses.
    private func hosts(of prefix: IPPrefix, on interface: String) -> [IPPrefix] {
        let own = Set(interfaces[interface]?.addresses.map(\.address.numericValue) ?? [])
        let hostBits = prefix.family.bits - Int(prefix.length)
        guard hostBits > 0 else { return [] }
        let count = hostBits > 4 ? Self.connectedHosts + 2 : UInt128(1) << UInt128(hostBits)
        let range = hostBits > 1 ? 1..<(count - 1) : 0..<count
        return range.map { prefix.address.numericValue + $0 }.filter { !own.contains($0) }.map { number in
            switch prefix.family {
            case .ipv4: IPPrefix(host: .ipv4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number))))
            case .ipv6: IPPrefix(host: .ipv6(IPv6Address(rawValue: number)))
            }
        }
    }
}

extension AddressFamily {
    var text: String { self == .ipv4 ? "IPv4" : "IPv6" }
}

extension InterfaceStatus {
    /// The VLAN identifiers in `encapsulation`, the outermost first.
    var vlans: [UInt16] {
        let words = encapsulation.split(separator: " ")
        return zip(words, words.dropFirst()).compactMap { word, value in word.hasSuffix("dot1q") ? UInt16(value) : nil }
    }
}

extension DeviceName {
    /// The other end of a memif port of a Stile on this machine, by the port's own device arguments: the same socket and
    /// identifier, the other role. `nil` for any other device.
    public init?(counterpartOf port: PortStatus) {
        guard port.device.hasPrefix("net_memif") else { return nil }
        var arguments = port.device.split(separator: ",").map(String.init)
        // The driver's default is the client's role.
        let isServer = arguments.contains("role=server") || arguments.contains("role=master")
        arguments.removeAll { $0.hasPrefix("role=") || $0.hasPrefix("mac=") || $0.hasPrefix("zero-copy") }
        arguments.insert(isServer ? "role=client" : "role=server", at: 1)
        self.init("\(port.name)=" + arguments.joined(separator: ","))
    }
}
