import Addressing
import Routing

/// Where an engine's routes lead, as lines of text: prefix, router, number of the interface, labels. A restarted process goes
/// on with them until the engine has said everything again.
package struct EngineWays: Equatable, Sendable {
    package var ways: [IPPrefix: LearntWay] = [:]

    package var fileText: String {
        var lines: [String] = []
        for prefix in ways.keys.sorted() {
            guard let way = ways[prefix], let interface = way.interface else { continue }
            let labels = way.labels.map(\.description).joined(separator: " ")
            lines.append("\(prefix) \(way.nextHop) \(interface.rawValue) \(labels)".trimmed + "\n")
        }
        return lines.joined()
    }

    package init() {}

    /// - Throws: ``InvalidLine`` where a line is none of these.
    package init(fileText: String) throws(InvalidLine) {
        for line in fileText.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 3, let prefix = IPPrefix(words[0]), let nextHop = IPAddress(words[1]),
                let number = UInt16(words[2])
            else { throw InvalidLine(text: String(line)) }
            var labels: [MPLSLabel] = []
            for word in words.dropFirst(3) {
                guard let label = UInt32(word).flatMap(MPLSLabel.init(rawValue:)) else {
                    throw InvalidLine(text: String(line))
                }
                labels.append(label)
            }
            ways[prefix] = LearntWay(nextHop: nextHop, interface: InterfaceNumber(rawValue: number), labels: labels)
        }
    }

    package struct InvalidLine: Error {
        let text: String
    }
}

extension String {
    fileprivate var trimmed: String { last == " " ? String(dropLast()) : self }
}
