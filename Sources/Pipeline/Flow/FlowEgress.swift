import CTableLayout
import PacketFormats

/// Where a packet left, as its flow's record has it.
public struct FlowEgress: BitwiseCopyable, Sendable {
    /// The counter number of the unit or circuit; 0: the packet did not leave.
    public var counter: UInt16
    /// That of the unit or circuit: a route map may have given the packet to another than it came in by.
    public var vrf: UInt16
    /// The label stack entry that it left with; 0: none.
    public var labelStackEntry: UInt32

    @_noLocks @inline(__always)
    public init(counter: UInt16, vrf: UInt16, labelStackEntry: UInt32) {
        self.counter = counter
        self.vrf = vrf
        self.labelStackEntry = labelStackEntry
    }

    /// A packet that did not leave.
    public static var none: Self {
        @_noLocks @inline(__always) get { Self(counter: 0, vrf: 0, labelStackEntry: 0) }
    }

    /// Of packet `index` of the burst, whose fate is known.
    @_noLocks
    init(of index: Int, _ verdict: Verdict, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let nextHop = burst.nextHop[index]
        let label: UInt32
        switch verdict {
        case .pending, .drop, .punt, .replicated:
            self = .none
            return
        case .transmit:
            // It stands in front of the packet.
            label = LabelStackEntry(UnsafeRawPointer(burst.packet[index]) - LabelStackEntry.byteCount).rawValue
        case .fragmented:
            // The fragments are gone, each with the same label and class.
            label =
                LabelStackEntry(
                    label: nextHop.label, trafficClass: Self.trafficClass(of: index, burst),
                    isBottomOfStack: true, timeToLive: 0
                ).rawValue
        }
        let egress = worker.pointee.egress(of: index)
        self.init(
            counter: egress.pointee.counter, vrf: egress.pointee.vrf, labelStackEntry: nextHop.isLabelled ? label : 0)
    }

    /// As Imposition writes it: what a policy has marked, or the class selector. Only IPv4 is cut up.
    @_noLocks @inline(__always)
    private static func trafficClass(of index: Int, _ burst: Burst) -> UInt8 {
        burst.flags[index].contains(.hasTrafficClass)
            ? burst.trafficClass[index] : IPv4Header(burst.packet[index]).trafficClassOctet >> 5
    }
}
