import ControlProtocol
import OperatorCommands
import Testing

/// Every request can be sent from the command line.
@Suite("Requests and the commands that send them")
struct SentRequestsTests {
    /// One command for each request; `FILE` stands for a file that need not be there.
    private static let commands = [
        "show interfaces", "show ports", "show vrfs", "show labels", "show mpls label-spaces",
        "show mpls received-labels", "show transports",
        "show mpls multipoint",
        "show fpm",
        "show bgp summary", "show bgp neighbors",
        "show bgp vpnv4", "show bgp rtfilter", "show routes", "show neighbors", "show drops", "show access-lists",
        "show policy-map interface", "show route-map", "show accounting", "show pipeline", "show flow exporter",
        "show flow monitor", "show status", "show log severity warning last 20", "show running-config", "show commits",
        "show commits 3", "show isolation",
        "explain packet in ten1/0 src 10.0.0.1 dst 10.0.0.2", "config check FILE", "config diff FILE",
        "config replace FILE", "commit", "rollback 3", "configure", "config# mtu 1400", "?",
        "config# show", "config# show | compare", "config# commit check", "config# load merge FILE",
        "config# load replace FILE", "config# rollback 3", "config# discard", "config# commit",
        "bgp clear neighbor 192.0.2.1", "clear access-list counters",
        "clear policy-map counters", "clear flow monitor", "clear flow counters", "clear route-map counters",
    ]

    private static func method(_ command: String) throws -> String? {
        // The key that asks what can come next.
        guard command != "?" else { return HintLine.method }
        let operation =
            command.hasPrefix("config# ")
            ? try ConfigureGrammar.parse(String(command.dropFirst(8))).operation
            : try CommandGrammar.parse(command.split(separator: " ").map(String.init))
        return switch operation {
        case .request(let request): type(of: request).method
        case .configuration(let request, _, _): request.method
        case .configure: OpenCandidate.method
        case .checkOffline, .examineMachine, .help, .remark, .leave, .leaveBlock: nil
        }
    }

    @Test("each request of the registry has its command")
    func all() throws {
        #expect(try Self.commands.map(Self.method) == RequestRegistry.all.map { $0.method })
    }

    @Test("show and explain only look; nothing else may be repeated by itself")
    func repeatable() {
        let acting = RequestRegistry.all.filter { !$0.onlyLooks }.map { $0.method }
        #expect(
            acting == [
                "config.check", "config.diff", "config.replace", "config.confirm", "config.rollback",
                "candidate.open", "candidate.enter", "candidate.hints", "candidate.show", "candidate.compare",
                "candidate.check", "candidate.merge", "candidate.replace", "candidate.rollback", "candidate.discard",
                "candidate.commit", "bgp.clear",
                "clear.access_lists",
                "clear.policy_map", "clear.flow.monitors", "clear.flow.counters", "clear.route_maps",
            ])
    }
}
