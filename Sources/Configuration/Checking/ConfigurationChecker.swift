/// Compares what the statements say with each other and makes the typed model of it.
struct ConfigurationChecker {
    /// In the order in which they come: a check may read what those before it have made of the model.
    private static let checks: [any ConfigurationCheck.Type] = [
        BoxCheck.self,
        PortCheck.self,
        FlowCheck.self,
        VRFCheck.self,
        CommonLabelCheck.self,
        AccessListsCheck.self,
        PolicyCheck.self,
        RouteMapCheck.self,
        InterfaceCheck.self,
        AddressCheck.self,
        MetricsCheck.self,
        LoggingCheck.self,
        CoreCheck.self,
        MultipointCheck.self,
        BGPCheck.self,
        PrefixListCheck.self,
        RoutePolicyCheck.self,
        NNINeighborCheck.self,
        OptionABCheck.self,
        InternalNeighborCheck.self,
        VRFNeighborCheck.self,
        CustomerCarrierCheck.self,
        StaticRouteCheck.self,
        PolicyRoutingCheck.self,
        RelayCheck.self,
        EffectCheck.self,
        CoreEffectCheck.self,
    ]

    /// Complete only if there are no errors among the findings.
    let configuration: Configuration
    let sources: SourceMap
    let findings: [Finding]

    init(checking draft: ConfigurationDraft, source: SourceText, base: Configuration?) {
        let text = CheckedText(draft, base: base)
        let report = CheckReport(source: source)
        var configuration = Configuration()
        for check in Self.checks { check.init(text, report).check(&configuration) }
        self.configuration = configuration
        sources = report.sources
        findings = report.findings
    }
}
