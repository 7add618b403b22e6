import Addressing
import Foundation

/// Routes from a text file, `prefix nexthop` a line; empty lines and lines that begin with `#` do not count.
enum RouteFile {
    /// The routes and how many different next hops they have.
    static func read(_ path: String) throws -> (routes: [Route], nextHops: Int) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Options.Refusal(description: "\(path): cannot be read")
        }
        var routes: [Route] = []
        var numbers: [Substring: Int] = [:]
        for (line, content) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = content.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard words.count == 2, let prefix = IPPrefix(first) else {
                throw Options.Refusal(description: "\(path):\(line + 1): expected `prefix nexthop`, found `\(content)`")
            }
            let number = numbers[words[1]] ?? numbers.count
            numbers[words[1]] = number
            routes.append(Route(prefix: prefix, nextHop: number))
        }
        guard !routes.isEmpty else { throw Options.Refusal(description: "\(path): no route") }
        return (routes, numbers.count)
    }
}
