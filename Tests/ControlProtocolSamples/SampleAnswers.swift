import Addressing
import ControlProtocol

/// A request with every parameter given, and an answer to it.
public struct SampleExchange: Sendable, CustomStringConvertible {
    public let request: any ControlRequest
    public let answer: any ControlResult

    init<Request: ControlRequest>(_ request: Request, _ answer: Request.Answer) {
        self.request = request
        self.answer = answer
    }

    /// The method.
    public var description: String { type(of: request).method }
}

extension Samples {
    /// One for each method.
    public static let exchanges: [SampleExchange] = [
        SampleExchange(ShowInterfaces(interface: "ten1/0"), interfaces),
        SampleExchange(ShowPorts(), ports),
        SampleExchange(ShowVRFs(), vrfs),
        SampleExchange(ShowLabels(), labels),
        SampleExchange(ShowLabelSpaces(), labelSpaces),
        SampleExchange(
            ShowReceivedLabels(provider: address("10.0.0.11"), page: Page(cursor: "1000", limit: 10)), receivedLabels),
        SampleExchange(ShowTransports(), transports),
        SampleExchange(ShowMultipoint(), multipoint),
        SampleExchange(ShowFPM(), fpm),
        SampleExchange(ShowBGPSummary(), bgpSummary),
        SampleExchange(ShowBGPNeighbors(neighbor: address("1.2.3.4")), bgpNeighbors),
        SampleExchange(
            ShowBGPRoutes(
                family: .vpnv6, view: .advertised, neighbor: address("1.2.3.4"), prefix: prefix("2001:db8::/32"),
                page: Page(cursor: "42:1 10.0.0.0/8", limit: 10)), bgpRoutes),
        SampleExchange(ShowRouteTargetMembership(neighbor: address("10.0.0.9")), routeTargetMembership),
        SampleExchange(
            ShowRoutes(vrf: "one", family: .ipv4, prefix: prefix("10.0.0.0/8"), page: Page(limit: 1)), routes),
        SampleExchange(ShowNeighbors(), neighbors),
        SampleExchange(ShowDrops(), drops),
        SampleExchange(ShowAccessLists(name: "web", page: Page(cursor: "4 2000 web", limit: 1)), accessLists),
        SampleExchange(ShowPolicyMap(interface: "ten1/0.2"), policyMap),
        SampleExchange(ShowRouteMaps(name: "office"), routeMaps),
        SampleExchange(ShowAccounting(vrf: "one"), accounting),
        SampleExchange(ShowPipeline(), pipeline),
        SampleExchange(ShowFlowExporters(), flowExporters),
        SampleExchange(ShowFlowMonitors(), flowMonitors),
        SampleExchange(ShowStatus(), status),
        SampleExchange(ShowLog(severity: .warning, count: 20), log),
        SampleExchange(ShowRunningConfiguration(), runningConfiguration),
        SampleExchange(ShowCommits(), commits),
        SampleExchange(ShowCommit(number: 3, wantsText: false), commit),
        SampleExchange(ShowIsolation(), isolation),
        SampleExchange(
            ExplainPacket(
                interface: "ten1/0", labels: [label(1001)], source: address("10.2.0.1"),
                destination: address("10.1.0.2"), ipProtocol: 6, sourcePort: 1, destinationPort: 443, timeToLive: 2,
                labelTimeToLive: 3, lengthBytes: 1500, doNotFragment: true, dscp: 46, trafficClass: 5,
                tcpFlags: 18, icmpType: 8, icmpCode: 0), explanation),
        SampleExchange(CheckConfiguration(configurationText), configurationCheck),
        SampleExchange(DiffConfiguration(configurationText), configurationDiff),
        SampleExchange(ReplaceConfiguration(commitText), configurationReplace),
        SampleExchange(ConfirmCommit(), CommitConfirmedResult(commit: 3)),
        SampleExchange(
            RollbackConfiguration(number: 2, force: true, comment: "too early", confirmMinutes: 5),
            configurationReplace),
        SampleExchange(OpenCandidate(), candidateState),
        SampleExchange(EnterLine(line: "no mtu"), candidateState),
        SampleExchange(HintLine(words: "mtu "), lineHints),
        SampleExchange(ShowCandidate(blockOnly: true), candidateText),
        SampleExchange(CompareCandidate(), configurationDiff),
        SampleExchange(CheckCandidate(), configurationCheck),
        SampleExchange(MergeIntoCandidate(configurationText), candidateState),
        SampleExchange(ReplaceCandidate(configurationText), candidateState),
        SampleExchange(RollBackCandidate(number: 2), candidateState),
        SampleExchange(DiscardCandidate(), candidateState),
        SampleExchange(CommitCandidate(force: true, comment: "why", confirmMinutes: 5), configurationReplace),
        SampleExchange(ClearBGPSession(neighbor: address("2001:db8::4"), isSoft: true), bgpClear),
        SampleExchange(ClearAccessLists(name: "web"), countersCleared),
        SampleExchange(ClearPolicyMap(interface: "ten1/0.2"), countersCleared),
        SampleExchange(ClearFlowMonitors(name: "customers"), flowsEnded),
        SampleExchange(ClearFlowCounters(), countersCleared),
        SampleExchange(ClearRouteMaps(), countersCleared),
    ]

    public static let commitText = ConfigurationText(
        text: "hostname \"ä\"\n", fileName: "stile.conf", force: true, comment: "why", confirmMinutes: 10)
    public static let configurationText = ConfigurationText(text: "hostname \"ä\"\n", fileName: "stile.conf")

    /// What a server of samples answers.
    public static func answer(
        to request: any ControlRequest
    ) -> Result<any ControlResult, ControlError> {
        let exchange = exchanges.first { type(of: $0.request) == type(of: request) }
        return exchange.map { .success($0.answer) } ?? .failure(ControlError(.internalError, "there is no sample"))
    }
}
