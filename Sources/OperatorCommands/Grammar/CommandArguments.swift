import Addressing
import Configuration

/// The values that stood in a command, by the names that its syntax gives them.
struct CommandArguments: Sendable {
    private var values: [String: [String]] = [:]

    mutating func append(_ value: String, for name: String) { values[name, default: []].append(value) }

    func has(_ name: String) -> Bool { values[name] != nil }

    func text(_ name: String) -> String? { values[name]?.first }

    func texts(_ name: String) -> [String] { values[name] ?? [] }

    /// For a value that the syntax requires.
    func required(_ name: String) throws(UsageError) -> String {
        guard let value = text(name) else { throw UsageError(message: "\(name) is missing", expected: [name]) }
        return value
    }

    /// `nil` if the name has no value.
    /// - Throws: ``UsageError`` when `parse` does not take the value.
    func value<Value>(
        _ name: String, _ expected: String, _ parse: (String) -> Value?
    ) throws(UsageError) -> Value? {
        guard let text = text(name) else { return nil }
        guard let value = parse(text) else {
            throw UsageError(message: "\(name): '\(text)' is not \(expected)", expected: [expected])
        }
        return value
    }

    func address(_ name: String) throws(UsageError) -> IPAddress? {
        try value(name, "an IPv4 or IPv6 address") { IPAddress($0) }
    }

    func requiredAddress(_ name: String) throws(UsageError) -> IPAddress {
        guard let address = try address(name) else {
            throw UsageError(message: "\(name) is missing", expected: ["\(name) ADDRESS"])
        }
        return address
    }

    func prefix(_ name: String) throws(UsageError) -> IPPrefix? {
        try value(name, "a prefix without host bits") { IPPrefix($0) }
    }

    func number<Number: FixedWidthInteger>(_ name: String, as: Number.Type) throws(UsageError) -> Number? {
        try value(name, "a number from 0 to \(Number.max)") { Number($0) }
    }

    /// An interface in the configuration's own spelling; what is no such name (an implied unit's) stays as it is.
    func interface(_ name: String) -> String? {
        text(name).map { InterfaceName($0)?.description ?? $0 }
    }
}
