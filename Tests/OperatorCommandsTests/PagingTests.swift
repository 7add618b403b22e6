import Addressing
import ControlProtocol
import ControlProtocolSamples
import Foundation
import Testing

@Suite("Answers of many pages")
struct PagingTests {
    /// Pages of two rows; the cursor is the number of the row.
    private static let handler: ControlServer.Handler = { request, _ in
        guard let request = request as? ShowBGPRoutes, let start = Int(request.page.cursor ?? "0") else {
            return .failure(ControlError(.invalidParameters, "unknown cursor"))
        }
        let rows = (start..<min(start + 2, 5)).flatMap { _ in Samples.bgpRoutes.routes }
        let next = start + 2 < 5 ? String(start + 2) : nil
        return .success(BGPRoutesResult(family: .vpnv4, view: request.view, routes: rows, nextCursor: next))
    }

    @Test("text has one heading and all rows")
    func text() async throws {
        try await StileProcess.withServer(Self.handler) { socket in
            let outcome = try StileProcess.run(["--socket", socket, "show", "bgp", "vpnv4"])
            #expect(outcome.exitCode == .done)
            let lines = outcome.standardOutput.split(separator: "\n")
            #expect(lines.count == 6)
            #expect(lines.filter { $0.hasPrefix("RD ") }.count == 1)
        }
    }

    @Test("JSON is one document with all rows and no cursor")
    func json() async throws {
        try await StileProcess.withServer(Self.handler) { socket in
            let outcome = try StileProcess.run(["-j", "--socket", socket, "show", "bgp", "vpnv4"])
            let result = try ControlCoding.decode(BGPRoutesResult.self, from: Data(outcome.standardOutput.utf8))
            #expect(result.routes.count == 5)
            #expect(result.nextCursor == nil)
            let whole = BGPRoutesResult(
                family: .vpnv4, view: .received, routes: (0..<5).flatMap { _ in Samples.bgpRoutes.routes })
            #expect(try ControlCoding.encode(whole) + Data("\n".utf8) == Data(outcome.standardOutput.utf8))
        }
    }

    @Test("no rows are a document too")
    func empty() async throws {
        let empty = BGPRoutesResult(family: .vpnv4, view: .received, routes: [])
        let handler: ControlServer.Handler = { _, _ in .success(empty) }
        try await StileProcess.withServer(handler) { socket in
            let json = try StileProcess.run(["-j", "--socket", socket, "show", "bgp", "vpnv4"])
            #expect(try ControlCoding.decode(BGPRoutesResult.self, from: Data(json.standardOutput.utf8)) == empty)
            #expect(try StileProcess.run(["--socket", socket, "show", "bgp", "vpnv4"]).standardOutput == "no routes\n")
        }
    }

    @Test("pages that do not end are given up")
    func endless() async throws {
        let page = BGPRoutesResult(
            family: .vpnv4, view: .received, routes: Samples.bgpRoutes.routes, nextCursor: "same")
        let handler: ControlServer.Handler = { _, _ in .success(page) }
        try await StileProcess.withServer(handler) { socket in
            let outcome = try StileProcess.run(["--socket", socket, "show", "bgp", "vpnv4"])
            #expect(outcome.exitCode == .refused)
        }
    }
}
