import Addressing

/// Which far end a neighbor is: its address, its AS and the NNI that it is on. If one of them changes it is another
/// operator, or another link, and what the former one was told does not count any more.
public struct NeighborIdentity: Hashable, Sendable, Comparable {
    public let address: IPAddress
    public let autonomousSystem: UInt32
    /// The name of the NNI, or ``core``.
    public let nni: String

    public init(address: IPAddress, autonomousSystem: UInt32, nni: String) {
        self.address = address
        self.autonomousSystem = autonomousSystem
        self.nni = nni
    }

    /// What stands in the place of the NNI for a neighbor in the operator's own network: its labels are valid on all
    /// interfaces into that.
    public static let core = "core"

    /// NNIs are in the default table.
    public var peer: PeerAddress { PeerAddress(address) }

    public static func < (a: Self, b: Self) -> Bool {
        (a.address, a.autonomousSystem, a.nni) < (b.address, b.autonomousSystem, b.nni)
    }
}
