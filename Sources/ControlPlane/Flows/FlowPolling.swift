import CTableLayout

extension ControlPlane {
    /// How many records are taken from each ring at once.
    private static let burst = 512

    /// Takes what the data plane has handed out. Nobody waits for a record: only many of them are a reason to hurry.
    func pollFlows() {
        guard let reader = dataplane.reader else { return }
        var records: [stile_flow_record] = []
        let skipped = reader.drainFlows(into: control, limitPerWorker: Self.burst) { records.append($0) }
        if skipped > 0 { logger.warning("a flow ring's index made no sense: its records are skipped") }
        if records.count >= Self.burst { pollPace.hurry() }
        if !records.isEmpty { flowExporters.send(records, exportSeconds: Self.exportSeconds) }
    }

    /// Brings the exporters to configuration and plan.
    func applyFlowExporters() {
        flowExporters.apply(configuration, plan: plan, exportSeconds: Self.exportSeconds)
    }

    /// UTC, for the headers of messages; it wraps in 2106 (RFC 7011 §3.1).
    static var exportSeconds: UInt32 { UInt32(truncatingIfNeeded: WallClock.secondsSince1970) }
}
