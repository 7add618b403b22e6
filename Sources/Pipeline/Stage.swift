/// The stages in the order in which a burst passes them. The raw value indexes `stile_worker.stage_cycles`.
public enum Stage: UInt8, CaseIterable, Sendable, Hashable {
    /// Taking frames from a port or from another worker. The owner of the ports runs it.
    case receive = 0
    /// Finding the flow of received frames and handing those of other workers over. The owner of the ports runs it.
    case spread = 1
    /// What ingress, label check and admission do, in one pass, for the common packet; the rest takes those stages.
    case commonIngress = 2
    case ingress = 3
    case labelCheck = 4
    case admission = 5
    /// Source check, access list and policies of the way in; those of the way out are part of departure.
    case services = 6
    case lookup = 7
    /// What departure and imposition do, in one pass, for the common packet; the rest takes those stages.
    case commonDeparture = 8
    case departure = 9
    case imposition = 10
    /// ICMP errors made of dropped packets, with their own way through lookup, departure and imposition.
    case errorReport = 11
    /// Counting packets in their flows, where a VRF's are metered.
    case flowMetering = 12
    /// Giving frames to ports, counting what they took, freeing the others. The owner of the ports runs it.
    case transmit = 13

    /// The raw value, as the forwarding path takes it; see `DropReason.number`.
    var number: UInt32 { @_noLocks @inline(__always) get { UInt32(unsafeBitCast(self, to: UInt8.self)) } }

    /// The name in CLI, JSON, metrics and traces.
    public var identifier: String {
        switch self {
        case .receive: "receive"
        case .spread: "spread"
        case .commonIngress: "common_ingress"
        case .ingress: "ingress"
        case .labelCheck: "label_check"
        case .admission: "admission"
        case .services: "services"
        case .lookup: "lookup"
        case .commonDeparture: "common_departure"
        case .departure: "departure"
        case .imposition: "imposition"
        case .errorReport: "error_report"
        case .flowMetering: "flow_metering"
        case .transmit: "transmit"
        }
    }
}
