import Addressing

/// Compares what the statements say with each other and makes the typed model of it.
///
/// One extension for each part of the model. The model is complete only if there are no errors among the findings: a
/// part that is wrong is left out of it.
struct ConfigurationChecker {
    let draft: ConfigurationDraft
    let source: SourceText
    /// In the order of their names.
    let interfaces: [(name: InterfaceName, draft: InterfaceDraft)]
    /// What `<hidden>` passwords are taken from.
    let base: Configuration?
    var configuration = Configuration()
    var sources = SourceMap()
    var findings: [Finding] = []

    init(draft: ConfigurationDraft, source: SourceText, base: Configuration?) {
        self.draft = draft
        self.base = base
        self.source = source
        interfaces = draft.interfaces.keys.sorted().compactMap { name in
            draft.interfaces[name].map { (name, $0) }
        }
    }

    mutating func check() {
        checkBox()
        checkPorts()
        checkFlows()
        checkVRFs()
        checkAccessLists()
        checkPolicies()
        checkRouteMaps()
        checkInterfaces()
        checkAddresses()
        checkBGP()
        checkPrefixLists()
        checkOptionENeighbors()
        checkStaticRoutes()
        checkPolicyRouting()
        warnOfWhatCannotWork()
    }

    mutating func record(_ object: ConfigurationObject, at range: SourceRange) {
        sources[object] = source.location(of: range)
    }

    mutating func report(
        _ code: DiagnosticCode, _ message: String, at range: SourceRange, expected: [String] = [], hint: String? = nil
    ) {
        findings.append(Finding(code, message, at: range, expected: expected, hint: hint))
    }

    /// Reports a name that nothing in the text defines, with the nearest one that something does.
    mutating func reportUndefined(
        _ code: DiagnosticCode, _ kind: String, _ name: String, at range: SourceRange, defined: some Sequence<String>,
        definition: String
    ) {
        let nearest = defined.sorted().map { (name: $0, distance: editDistance($0, name)) }
            .filter { $0.distance <= 2 && $0.distance < name.utf8.count }
            .min { $0.distance < $1.distance }
        let definition = "define it with '\(definition)'"
        report(
            code, "there is no \(kind) '\(name)'", at: range,
            hint: nearest.map { "did you mean '\($0.name)'? otherwise \(definition)" } ?? definition)
    }

    private mutating func checkBox() {
        configuration.hostname = draft.hostname?.value
        if let hostname = draft.hostname { record(.hostname, at: hostname.range) }
        if let range = draft.labelRange {
            configuration.mpls.labelRange = range.value
            record(.labelRange, at: range.range)
        }
        if let seconds = draft.labelQuarantineSeconds { configuration.mpls.labelQuarantineSeconds = seconds.value }
        if let seconds = draft.labelWithdrawalSeconds { configuration.mpls.labelWithdrawalSeconds = seconds.value }
        configuration.mpls.propagatesTTL = draft.propagatesTTL?.value ?? true
        configuration.accessListLogThresholds = draft.accessListLogThresholds.mapValues(\.value)

        let dataplane = draft.dataplane
        if let declared = dataplane.declared { record(.dataplane, at: declared) }
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
