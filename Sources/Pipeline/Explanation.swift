import CTableLayout
import ForwardingTables
import PacketFormats

/// What the pipeline does with one frame, stage by stage, and which path it takes: both real paths over the live tables, with
/// counters, rates and memory of their own, so that nothing of the running box is touched.
public struct Explanation: Sendable {
    /// A table entry that a stage used, by its index in its section of the tables.
    public enum Entry: Hashable, Sendable {
        case interface(UInt32)
        case labelEntry(UInt32)
        case vrf(UInt16)
        case nextHop(UInt32)
        /// The bucket of a group that the packet's flow falls into, among those for its origin, and the next hop that has it.
        case group(UInt32, Origin, bucket: UInt32, member: UInt32)
        /// How the packet leaves, and the interface record that it leaves by; 0: none.
        case adjacency(UInt32, interface: UInt16)
        /// The access rule that decided.
        case accessRule(UInt32)
        case policyClass(UInt32)
        /// The entry of a route map that took the packet, and whether it has next hops of which none leads out.
        case routeMapEntry(UInt32, isWithoutNextHop: Bool)
    }

    /// Where a packet came from whose route is a group: `stile_group_origin`.
    public enum Origin: Hashable, Sendable {
        case any
        case nni
        case core
    }

    /// What a stage decided.
    public enum Decision: Hashable, Sendable {
        case passed
        case dropped(DropReason)
        case punted(PuntClass)
        case transmitted(port: UInt16)
        case fragmented
        /// A copy, or what it was cut up into, has left by each.
        case replicated(ports: [UInt16])
    }

    public struct Step: Hashable, Sendable {
        public var stage: Stage
        public var decision: Decision
        public var entries: [Entry]
    }

    /// The path that such a frame takes when it comes in by a port: the stages hold the rules of both.
    public enum Path: Sendable, Hashable {
        /// From the first octet to the last.
        case common
        /// As far as its lookup; from there the stages have it.
        case commonIngress
        case stages
    }

    /// Why the frame could not be explained.
    public enum Failure: Error, Hashable, Sendable {
        case portOutOfRange
        case frameTooLong
    }

    /// The stages that the frame passed, in order; the last one decided.
    public internal(set) var steps: [Step] = []
    public internal(set) var path = Path.stages
    /// What becomes of the frame itself.
    public internal(set) var verdict: Verdict = .pending
    /// The frames that leave: one, its fragments or its copies.
    public internal(set) var output: [[UInt8]] = []
    /// The stages that the ICMP error about the frame passed; empty if there is none.
    public internal(set) var answerSteps: [Step] = []
    /// The ICMP error that leaves, as a frame.
    public internal(set) var answer: [UInt8]?

    /// Runs the stages over `frame`, without its check sequence, as if it had come in on `port`.
    ///
    /// Rate limits do not show: each explanation begins with full buckets.
    public static func of(
        frame: [UInt8], arrivingOn port: UInt16, tables: TablesReader
    ) throws(Failure) -> Explanation {
        guard port < UInt16(STILE_MAX_PORTS) else { throw .portOutOfRange }
        guard frame.count <= Int(STILE_FRAME_SLOT_BYTES) else { throw .frameTooLong }
        var explanation = ExplanationTrial(frame: frame, port: port, tables: tables).run()
        explanation.path = ExplanationTrial(frame: frame, port: port, tables: tables).pathTaken()
        return explanation
    }
}
