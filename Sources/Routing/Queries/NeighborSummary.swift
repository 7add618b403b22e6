import Addressing
import BGP

/// Numbers about one neighbor.
public struct NeighborSummary: Hashable, Sendable {
    /// Numbers about one address family.
    public struct Family: Hashable, Sendable {
        public let isOptionE: Bool
        /// Whether the session is up and carries it.
        public let isNegotiated: Bool
        /// Routes in the Adj-RIB-In.
        public let receivedCount: Int
        /// Those of them that a VRF imports by its targets.
        public let importedCount: Int
        /// Routes in the Adj-RIB-Out.
        public let advertisedCount: Int
        /// Announcements that no VRF took, since the neighbor was configured.
        public let notKeptCount: UInt64
        /// Routes that counted as withdrawn, since the neighbor was configured; all reasons are there.
        public let rejectedCount: [RouteRejection: UInt64]
        /// How many routes it may have; `nil` for any number.
        public let prefixLimit: PrefixLimit?
        /// Whether routes are kept over a restart of the neighbor.
        public let holdsStaleRoutes: Bool
    }

    public let peer: PeerAddress
    public let isEstablished: Bool
    /// How much memory the large ones among its attributes take, and how much they may take, in octets.
    public let attributeMemoryOctets: Int
    public let attributeMemoryLimitOctets: Int
    /// How many labels its routes have together, and how many they may have; `nil` for any number.
    public let labelCount: Int
    public let maximumLabels: Int?
    /// Prefixes that may have to be sent.
    public let pendingCount: Int
    public let families: [SessionFamily: Family]
}
