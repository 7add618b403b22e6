/// What one stream's packets met with in a trial.
public struct StreamResult: Codable, Hashable, Sendable {
    public let name: String
    public let vrf: String?
    /// What the stream's packets try, where it is part of an attack.
    public let attack: AttackKind?
    /// Packets that left the generator or were refused by the device's receive ring.
    public let offeredPackets: UInt64
    /// Of them, those that an in-memory device's full ring refused: the device under test did not keep up.
    public let refusedPackets: UInt64
    /// Each counted once.
    public let receivedPackets: UInt64
    public let lostPackets: UInt64
    public let duplicatePackets: UInt64
    /// RFC 4737 §3.3, within the stream.
    public let reorderedPackets: UInt64
    public let largestReorderingDistancePackets: UInt64
    /// Reordered packets that were too late to be told from duplicates.
    public let beyondWindowPackets: UInt64
    public let latency: LatencySummary?

    public init(
        name: String, vrf: String?, attack: AttackKind?, offeredPackets: UInt64, refusedPackets: UInt64,
        receivedPackets: UInt64, duplicatePackets: UInt64, reorderedPackets: UInt64,
        largestReorderingDistancePackets: UInt64, beyondWindowPackets: UInt64, latency: LatencySummary?
    ) {
        self.name = name
        self.vrf = vrf
        self.attack = attack
        self.offeredPackets = offeredPackets
        self.refusedPackets = refusedPackets
        self.receivedPackets = receivedPackets
        lostPackets = offeredPackets > receivedPackets ? offeredPackets - receivedPackets : 0
        self.duplicatePackets = duplicatePackets
        self.reorderedPackets = reorderedPackets
        self.largestReorderingDistancePackets = largestReorderingDistancePackets
        self.beyondWindowPackets = beyondWindowPackets
        self.latency = latency
    }
}
