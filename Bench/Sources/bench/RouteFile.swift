import Addressing
import Foundation

/// Routes from a text file, `prefix nexthop` a line; empty lines and lines that begin with `#` do not count.
enum RouteFile {
    /// The routes and how many different next hops they have.
    static func read(_ path: String) throws -> (routes: [Route], nextHops: Int) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Options.Refusal(description: "\(path): no such file")
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Options.Refusal(description: "\(path): cannot be read as text")
        }
        var routes: [Route] = []
        var numbers: [Substring: Int] = [:]
        var lines: [IPPrefix: Int] = [:]
        for (line, content) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = content.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            func refuse(_ reason: String) -> Options.Refusal {
                Options.Refusal(description: "\(path):\(line + 1): \(reason)")
            }
            guard words.count == 2 else { throw refuse("expected `prefix nexthop`, found `\(content)`") }
            guard let prefix = IPPrefix(first) else {
                throw refuse("`\(first)` is not a prefix such as 192.0.2.0/24 or 2001:db8::/32, host bits zero")
            }
            if let earlier = lines.updateValue(line + 1, forKey: prefix) {
                throw refuse("\(first) has a route in line \(earlier) already")
            }
            let number = numbers[words[1]] ?? numbers.count
            numbers[words[1]] = number
            routes.append(Route(prefix: prefix, nextHop: number))
        }
        guard !routes.isEmpty else { throw Options.Refusal(description: "\(path): no route") }
        return (routes, numbers.count)
    }
}
