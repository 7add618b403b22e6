import Addressing

/// A label that a neighbor is told with a VRF's routes and that is valid nowhere: packets of the VRF go without labels, on
/// circuits of its own (Option AB).
public struct ToldLabel: Codable, Hashable, Sendable {
    public let label: MPLSLabel
    public let vrf: String
    public let neighbor: IPAddress
    /// Where packets are exchanged with the neighbor in place of that: one of a family; empty where the VRF's `optAB` line is gone
    /// and the neighbor has yet to hear of it.
    public let farEnds: [CircuitFarEnd]
    /// Whether the neighbor is about to be told another label, which is valid, for the same routes.
    public let isReplaced: Bool
    /// Since when it may be told.
    public let since: Timestamp?

    public init(
        label: MPLSLabel, vrf: String, neighbor: IPAddress, farEnds: [CircuitFarEnd], isReplaced: Bool = false,
        since: Timestamp?
    ) {
        self.isReplaced = isReplaced
        self.label = label
        self.vrf = vrf
        self.neighbor = neighbor
        self.farEnds = farEnds
        self.since = since
    }

    /// One sentence.
    package var text: String {
        let packets =
            farEnds.isEmpty
            ? isReplaced ? "another label takes its place" : "its routes are being withdrawn"
            : "its packets come from \(farEnds.map(\.text).joined(separator: " and "))"
        return "label \(label) is told to \(neighbor) for VRF \(vrf) and is valid nowhere: \(packets)"
    }
}

/// The far end of an Option AB neighbor on a circuit of a VRF.
public struct CircuitFarEnd: Codable, Hashable, Sendable {
    public let address: IPAddress
    /// The circuit; `nil`: it is a neighbor on none.
    public let circuit: String?
    /// Whether the circuit can be used now: otherwise nothing of the family is exchanged.
    public let isUsable: Bool

    public init(address: IPAddress, circuit: String?, isUsable: Bool = true) {
        self.address = address
        self.circuit = circuit
        self.isUsable = isUsable
    }

    var text: String {
        guard let circuit else { return "\(address), which is on no circuit" }
        return "\(address) on \(circuit)" + (isUsable ? "" : ", which is down")
    }
}

/// A VRF that exchanges packets with a neighbor on circuits of its own.
public struct VRFOnCircuits: Codable, Hashable, Sendable {
    public let vrf: String
    public let farEnds: [CircuitFarEnd]

    public init(vrf: String, farEnds: [CircuitFarEnd]) {
        self.vrf = vrf
        self.farEnds = farEnds
    }

    var text: String { "\(vrf) by \(farEnds.map(\.text).joined(separator: " and "))" }
}
