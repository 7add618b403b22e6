/// The statements at the top level and of the data plane, and whether its workers fit on its cores.
struct BoxCheck: ConfigurationCheck {
    private let draft: ConfigurationDraft
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        draft = text.draft
    }

    func check(_ configuration: inout Configuration) {
        configuration.hostname = draft.hostname?.value
        if let hostname = draft.hostname { report.record(.hostname, at: hostname.range) }
        if let range = draft.labelRange {
            configuration.mpls.labelRange = range.value
            report.record(.labelRange, at: range.range)
        }
        if let block = draft.commonBlock {
            configuration.mpls.commonBlock = block.value
            report.record(.labelBlock, at: block.range)
        }
        if let seconds = draft.labelQuarantineSeconds { configuration.mpls.labelQuarantineSeconds = seconds.value }
        if let seconds = draft.labelWithdrawalSeconds { configuration.mpls.labelWithdrawalSeconds = seconds.value }
        configuration.mpls.propagatesTTL = draft.propagatesTTL?.value ?? true
        configuration.accessListLogThresholds = draft.accessListLogThresholds.mapValues(\.value)

        let dataplane = draft.dataplane
        if let declared = dataplane.declared { report.record(.dataplane, at: declared) }
        if let workers = dataplane.workers, let cores = dataplane.cores, Int(workers.value) > cores.value.count {
            report(
                .dataplaneCores, "\(workers.value) workers do not fit on \(cores.value.count) cores", at: workers.range,
                hint: "a worker has a core of its own: add cores or leave out the line 'workers'")
        }
        configuration.dataplane.workers = dataplane.workers?.value
        configuration.dataplane.cores = dataplane.cores?.value ?? []
        configuration.dataplane.polling = dataplane.polling?.value ?? .adaptive
        configuration.dataplane.packetMemoryMebibytes = dataplane.packetMemoryMebibytes?.value
        configuration.dataplane.tableMemoryMebibytes = dataplane.tableMemoryMebibytes?.value
    }
}
