import Addressing
import ControlProtocol
import ControlProtocolSamples
import Foundation
import Testing

@Suite("Requests and responses on the wire")
struct DocumentTests {
    @Test("a request comes back as it was", arguments: Samples.exchanges)
    func requestRoundTrip(_ sample: SampleExchange) throws {
        let line = try RequestDocument(identifier: .number(-7), request: sample.request).line()
        let document = try RequestDocument(line: line)
        #expect(document.identifier == .number(-7))
        #expect(AnyHashable(document.request) == AnyHashable(sample.request))
    }

    @Test("a result comes back as it was", arguments: Samples.exchanges)
    func responseRoundTrip(_ sample: SampleExchange) throws {
        let line = try ResponseDocument(identifier: .text("x"), outcome: .success(sample.answer)).line()
        func read<Answer: ControlResult>(_ answer: Answer) throws {
            #expect(
                try ResponseDocument<Answer>(line: line)
                    == ResponseDocument(identifier: .text("x"), outcome: .success(answer)))
        }
        try read(sample.answer)
    }

    @Test("an error comes back as it was", arguments: ControlErrorCode.allCases)
    func errorRoundTrip(_ code: ControlErrorCode) throws {
        let error = ControlError(code, "why", diagnostics: code == .configurationInvalid ? [Samples.diagnostic] : [])
        let line = try ResponseDocument<any ControlResult>(identifier: .null, outcome: .failure(error)).line()
        #expect(
            try ResponseDocument<PortsResult>(line: line)
                == ResponseDocument(identifier: .null, outcome: .failure(error)))
    }

    /// JSON-RPC 2.0 §5.1 and its examples in §7.
    @Test(
        "malformed requests",
        arguments: [
            ("", -32700), ("{", -32700), ("\u{0}", -32700),
            (#"{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]"#, -32700),
            ("[]", -32600), ("1", -32600), ("null", -32600), ("{}", -32600),
            (#"{"jsonrpc":"2.0","method":1,"id":1}"#, -32600),
            (#"{"jsonrpc":"1.0","method":"show.ports","id":1}"#, -32600), (#"{"method":"show.ports","id":1}"#, -32600),
            (#"{"jsonrpc":"2.0","method":"show.ports","id":{}}"#, -32600),
            (#"[{"jsonrpc":"2.0","method":"show.ports","id":1}]"#, -32600),
            (#"{"jsonrpc":"2.0","method":"no.such","id":1}"#, -32601),
            (#"{"jsonrpc":"2.0","method":"show.bgp.routes","id":1}"#, -32602),
            (#"{"jsonrpc":"2.0","method":"show.bgp.routes","params":[],"id":1}"#, -32602),
            (
                #"{"jsonrpc":"2.0","method":"show.bgp.routes","params":{"family":"vpnv5","view":"received"},"id":1}"#,
                -32602
            ),
            (#"{"jsonrpc":"2.0","method":"show.routes","params":{"page":{"limit":0}},"id":1}"#, -32602),
            (#"{"jsonrpc":"2.0","method":"show.routes","params":{"prefix":"10.0.0.1/8"},"id":1}"#, -32602),
            (#"{"jsonrpc":"2.0","method":"bgp.clear","params":{"neighbor":"1.2.3"},"id":1}"#, -32602),
            (
                #"{"jsonrpc":"2.0","method":"explain.packet","params":{"interface":"a","source":"::1","destination":"1.2.3.4"},"id":1}"#,
                -32602
            ),
            (
                #"{"jsonrpc":"2.0","method":"explain.packet","params":{"interface":"a","source":"1.1.1.1","destination":"1.2.3.4","labels":[1048576]},"id":1}"#,
                -32602
            ),
            (
                #"{"jsonrpc":"2.0","method":"explain.packet","params":{"interface":"a","source":"1.1.1.1","destination":"1.2.3.4","time_to_live":256},"id":1}"#,
                -32602
            ),
        ])
    func malformed(_ line: String, _ code: Int) throws {
        let rejected = #expect(throws: RejectedRequest.self) { try RequestDocument(line: Data(line.utf8)) }
        #expect(rejected?.error.code.rawValue == code, "\(rejected?.error.message ?? "")")
        #expect(rejected?.error.message.isEmpty == false)
    }

    @Test("a document of many levels is refused, not followed")
    func deepNesting() throws {
        let line = String(repeating: "[", count: 200_000)
        #expect(throws: RejectedRequest.self) { try RequestDocument(line: Data(line.utf8)) }
    }

    @Test("the id of a rejected request is kept")
    func identifierOfRejected() throws {
        let rejected = #expect(throws: RejectedRequest.self) {
            try RequestDocument(line: Data(#"{"jsonrpc":"2.0","method":"no.such","id":"q"}"#.utf8))
        }
        #expect(rejected?.identifier == .text("q"))
    }

    @Test("a request without an id is a notification")
    func notification() throws {
        let document = try RequestDocument(line: Data(#"{"jsonrpc":"2.0","method":"show.ports"}"#.utf8))
        #expect(document.identifier == nil)
        let withNull = try RequestDocument(line: Data(#"{"jsonrpc":"2.0","method":"show.ports","id":null}"#.utf8))
        #expect(withNull.identifier == .null)
    }

    @Test("parameters that are left out have their defaults")
    func defaults() throws {
        let line = #"{"jsonrpc":"2.0","method":"show.bgp.routes","params":{"family":"vpnv4","view":"received"},"id":1}"#
        let document = try RequestDocument(line: Data(line.utf8))
        #expect(document.request as? ShowBGPRoutes == ShowBGPRoutes(family: .vpnv4, view: .received))
        let routes = try RequestDocument(line: Data(#"{"jsonrpc":"2.0","method":"show.routes","id":1}"#.utf8))
        #expect(routes.request as? ShowRoutes == ShowRoutes())
    }

    @Test("a result of another version is named, not misread")
    func otherVersion() throws {
        let line = #"{"jsonrpc":"2.0","id":1,"result":{"schema":"stile.show.ports/9","ports":{}}}"#
        let error = #expect(throws: ControlError.self) {
            try ResponseDocument<PortsResult>(line: Data(line.utf8))
        }
        #expect(error?.message.contains("stile.show.ports/9") == true)
    }

    @Test(
        "answers that are none",
        arguments: ["", "{}", "[]", #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":1,"result":{}}"#])
    func malformedAnswer(_ line: String) {
        #expect(throws: ControlError.self) { try ResponseDocument<PortsResult>(line: Data(line.utf8)) }
    }

    @Test(
        "times are RFC 3339",
        arguments: [(0, "1970-01-01T00:00:00Z"), (1_795_216_108, "2026-11-20T23:08:28Z")] as [(Int64, String)])
    func timestamps(_ seconds: Int64, _ text: String) {
        #expect(Timestamp(secondsSince1970: seconds).description == text)
        #expect(Timestamp(text)?.secondsSince1970 == seconds)
        #expect(Timestamp("yesterday") == nil)
    }
}
