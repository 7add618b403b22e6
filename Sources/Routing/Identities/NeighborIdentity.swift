import Addressing

/// Which far end a neighbor is: its address, its AS and the NNI that it is on. If one of them changes it is another
/// operator, or another link, and what the former one was told does not count any more.
public struct NeighborIdentity: Hashable, Sendable, Comparable {
    public let address: IPAddress
    public let autonomousSystem: UInt32
    /// The name of the NNI, or ``core``; of a customer carrier that of the circuit.
    public let nni: String
    /// The VRF that a customer carrier is in.
    public let vrf: VRFNumber?

    public init(address: IPAddress, autonomousSystem: UInt32, nni: String, vrf: VRFNumber? = nil) {
        self.address = address
        self.autonomousSystem = autonomousSystem
        self.nni = nni
        self.vrf = vrf
    }

    /// What stands in the place of the NNI for a neighbor in the operator's own network: its labels are valid on all
    /// interfaces into that.
    public static let core = "core"

    /// NNIs are in the default table.
    public var peer: PeerAddress { PeerAddress(address, vrf: vrf) }

    public static func < (a: Self, b: Self) -> Bool {
        // A circuit is of one VRF, whatever number that has.
        (a.address, a.autonomousSystem, a.nni, a.vrf?.rawValue ?? 0)
            < (b.address, b.autonomousSystem, b.nni, b.vrf?.rawValue ?? 0)
    }
}
