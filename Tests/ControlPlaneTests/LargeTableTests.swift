import Addressing
import ControlPlane
import ControlProtocol
import Testing

/// Tables that are too large to be sorted while everything else waits.
@Suite struct LargeTableTests {
    private static let count = 7000

    /// Two VRFs, of which the second has `count` static routes but for those that are left out.
    private func text(without left: Range<Int> = 0..<0) -> String {
        var lines = [
            "ip vrf a", " rd 42:1", "ip vrf b", " rd 42:2", "ip vrf c", " rd 42:3", "ip route vrf a 10.0.0.0/8 null0",
        ]
        for number in 0..<Self.count where !left.contains(number) {
            lines.append("ip route vrf b \(prefix(number)) null0")
        }
        lines.append("ip route vrf c 10.0.0.0/8 null0")
        return lines.joined(separator: "\n") + "\n"
    }

    private func prefix(_ number: Int) -> String { "20.\(number >> 8).\(number & 255).0/24" }

    private func page(_ laboratory: Laboratory, _ cursor: String?, vrf: String? = nil) async throws -> RoutesResult {
        let query = ShowRoutes(vrf: vrf, page: Page(cursor: cursor, limit: 700))
        let result = try await laboratory.ask(query)
        return result
    }

    @Test func pagesHaveEveryRouteOnceAndInOrder() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(text())
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = try await page(laboratory, cursor)
            #expect(page.nextCursor == nil || page.routes.count == 700)
            seen += page.routes.map { "\($0.vrf) \($0.prefix)" }
            cursor = page.nextCursor
        } while cursor != nil
        let expected = ["a 10.0.0.0/8"] + (0..<Self.count).map { "b \(prefix($0))" } + ["c 10.0.0.0/8"]
        #expect(seen == expected)
        await laboratory.stop()
    }

    /// What goes between two pages is in no later one, and a walk that begins sees what has come.
    @Test func routesThatGoBetweenPagesAreLeftOut() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(text(without: 100..<200))
        let first = try await page(laboratory, nil, vrf: "b")
        try await laboratory.replace(text(without: 800..<2000))
        var seen: [String] = []
        var cursor = first.nextCursor
        while let next = cursor {
            let page = try await page(laboratory, next, vrf: "b")
            seen += page.routes.map(\.prefix.description)
            cursor = page.nextCursor
        }
        #expect(first.routes.count == 700)
        #expect(seen == (2000..<Self.count).map(prefix))
        let again = try await page(laboratory, nil, vrf: "b")
        #expect(again.routes.map(\.prefix.description) == (0..<700).map(prefix))
        await laboratory.stop()
    }
}
