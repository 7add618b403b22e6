import Addressing
import ControlProtocol
import ControlProtocolSamples
import Foundation
import Testing

/// Results of very many rows write their own documents, octet for octet like all others.
@Suite struct RouteDocumentTests {
    private static let strings = [
        "", "plain", "a b", "\"quoted\"", "back\\slash", "s/l/a/s/h", "ümläut 漢字 🙂", "\u{7F}\u{2028}",
        String((0..<0x20).map { Character(Unicode.Scalar($0)) }),
    ]
    private static let prefixes = ["0.0.0.0/0", "10.200.3.0/24", "255.255.255.255/32", "::/0", "2001:db8::1/128"]
        .compactMap { IPPrefix($0) }
    private static let addresses = ["0.0.0.0", "1.20.255.9", "::", "2001:db8::a"].compactMap { IPAddress($0) }
    private static let times = [0, 1, 1_790_000_000, -5].map { Timestamp(secondsSince1970: $0) }
    private static let labels = [nil, MPLSLabel(rawValue: 0), MPLSLabel(rawValue: 1_048_575)]

    /// The same as the encoder of all other documents has it.
    private struct Envelope<Value: Encodable>: Encodable {
        let id: Int
        let jsonrpc = "2.0"
        let result: Value
    }

    private func expectEncodersAgree(_ result: some ControlResult) throws {
        let line = try ResponseDocument<any ControlResult>(identifier: .number(-7), outcome: .success(result)).line()
        let expected = try ControlCoding.encode(Envelope(id: -7, result: result))
        #expect(String(decoding: line, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
    }

    @Test func routes() throws {
        var rows: [VRFRoute] = []
        for (index, name) in Self.strings.enumerated() {
            for (position, prefix) in Self.prefixes.enumerated() {
                let hops = (0..<(index % 3)).map { hop in
                    RouteNextHop(
                        address: hop == 0 ? nil : Self.addresses[position % Self.addresses.count], interface: name,
                        label: Self.labels[(index + hop) % 3], isResolved: position % 2 == 0)
                }
                rows.append(
                    VRFRoute(
                        vrf: name, prefix: prefix, source: VRFRoute.Source.allCases[position % 4],
                        administrativeDistance: position * 51, nextHops: hops, changedAt: Self.times[index % 4],
                        isInstalled: index % 3 != 0))
            }
        }
        for result in [
            RoutesResult(routes: rows, nextCursor: "10.0.0.0/8 a \"b\""), RoutesResult(routes: []),
            RoutesResult(routes: Array(rows.prefix(1))),
        ] { try expectEncodersAgree(result) }
    }

    @Test func bgpRoutes() throws {
        var rows: [BGPRoute] = []
        for (index, text) in Self.strings.enumerated() {
            for (position, prefix) in Self.prefixes.enumerated() {
                let number = UInt32(truncatingIfNeeded: index * 1_000_003 + position)
                rows.append(
                    BGPRoute(
                        neighbor: Self.addresses[index % 4],
                        routeDistinguisher: position == 0 ? nil : RouteDistinguisher("65001:\(number % 1000)"),
                        prefix: prefix, nextHop: Self.addresses[position % 4], label: Self.labels[index % 3],
                        autonomousSystemPath: text, origin: "igp",
                        multiExitDiscriminator: index % 2 == 0 ? nil : number,
                        localPreference: position % 2 == 0 ? .max : nil,
                        routeTargets: (0..<(index % 3)).compactMap { RouteTarget("42:\($0)") },
                        communities: Array(Self.strings.prefix(index % 4)), vrfs: Array(Self.strings.prefix(position)),
                        isStale: index % 2 == 0, changedAt: Self.times[position % 4],
                        rejection: index % 3 == 0 ? nil : BGPRouteRejection(reason: text, message: text),
                        labelFault: index % 4 == 0 ? BGPRouteRejection(reason: "a", message: text) : nil))
            }
        }
        rows += Samples.rejectedRoutes.routes + Samples.signalledRoutes.routes
        for view in BGPRoutesView.allCases {
            let result = BGPRoutesResult(
                family: .vpnv6, view: view, routes: rows, nextCursor: text(of: view),
                omittedCount: view == .rejected ? 3 : nil)
            try expectEncodersAgree(result)
        }
    }

    @Test func `rejected routes have their reason, in words and for programs, and what was not kept is said`() throws {
        let answer = Samples.rejectedRoutes
        #expect(
            answer.text(.plain) == """
                RD  PREFIX          NEIGHBOR  NEXT HOP  AS PATH   REASON            MEANING
                -   192.168.1.0/24  10.1.0.2  10.1.0.2  65100 42  as_path_loop      our own AS is in the AS path
                -   192.168.2.0/24  10.1.0.2  -         -         attribute_memory  the neighbor's large attributes take \
                all the memory that they may
                7 more rejections are not listed

                """)
        let result: any ControlResult = answer
        let line = try ResponseDocument(identifier: .number(1), outcome: .success(result)).line()
        let document = String(decoding: line, as: UTF8.self)
        #expect(document.contains(#""omitted_count":7"#) && document.contains(#""view":"rejected""#))
        #expect(
            document.contains(
                #""rejection":{"message":"our own AS is in the AS path","reason":"as_path_loop"},"route_targets""#))
        #expect(document.contains(#""neighbor":"10.1.0.2","prefix":"192.168.2.0/24","rejection":{"#))
    }

    @Test func `what PEs signal has type and fields in place of a prefix`() {
        let lines = Samples.signalledRoutes.text(.plain).split(separator: "\n")
            .map { $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ") }
        #expect(
            lines == [
                "RD ROUTE NEIGHBOR NEXT HOP LABEL TUNNEL BESIDE ROUTE TARGETS COMMUNITIES STALE LABELS UNUSED",
                "42:1 [2]:[7]:[aa:bb:cc:dd:ee:ff]:[10.1.2.3] 10.0.0.11 10.0.0.11 1001 - "
                    + "segment 00:11:22:33:44:55:66:77:88:99 gateway 10.1.1.1 42:1 mac-mobility 4 - -",
                "42:1 [3]:[7]:[10.0.0.11] 10.0.0.11 10.0.0.11 vni 1003 ingress-replication vni 1003 10.0.0.11 "
                    + "pe 10.0.0.21 label 1021 - - stale -",
                "42:2 [3]:[8]:[10.0.0.12] 10.0.0.12 10.0.0.12 - mldp-p2mp label 1008 06000104c000020100050100000001 "
                    + "- - pmsi-flags dcb - inconsistent_tunnel",
            ])
    }

    private func text(of view: BGPRoutesView) -> String? { view == .received ? nil : "\(view) /" }
}
