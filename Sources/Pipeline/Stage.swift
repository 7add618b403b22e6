/// The stages in the order in which a burst passes them. The raw value indexes `stile_worker.stage_cycles`.
public enum Stage: UInt8, CaseIterable, Sendable, Hashable {
    /// Taking frames from a port or from another worker. The owner of the ports runs it.
    case receive = 0
    /// Finding the flow of received frames and handing those of other workers over. The owner of the ports runs it.
    case spread = 1
    case ingress = 2
    case labelCheck = 3
    case admission = 4
    /// Source check, access list and policies of the way in; those of the way out are part of departure.
    case services = 5
    case lookup = 6
    case departure = 7
    case imposition = 8
    /// ICMP errors made of dropped packets, with their own way through lookup, departure and imposition.
    case errorReport = 9
    /// Counting packets in their flows, where a VRF's are metered.
    case flowMetering = 10
    /// Giving frames to ports, counting what they took, freeing the others. The owner of the ports runs it.
    case transmit = 11

    /// The raw value, as the forwarding path takes it; see `DropReason.number`.
    var number: UInt32 { @_noLocks @inline(__always) get { UInt32(unsafeBitCast(self, to: UInt8.self)) } }

    /// The name in CLI, JSON, metrics and traces.
    public var identifier: String {
        switch self {
        case .receive: "receive"
        case .spread: "spread"
        case .ingress: "ingress"
        case .labelCheck: "label_check"
        case .admission: "admission"
        case .services: "services"
        case .lookup: "lookup"
        case .departure: "departure"
        case .imposition: "imposition"
        case .errorReport: "error_report"
        case .flowMetering: "flow_metering"
        case .transmit: "transmit"
        }
    }
}
