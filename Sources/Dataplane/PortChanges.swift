/// The way from the ports that are open to the ports that the tables ask for.
public struct PortChanges: Equatable, Sendable {
    /// Port numbers to close, in order.
    public var close: [Int] = []
    /// Port numbers to open afterwards, in order.
    public var open: [Int] = []

    /// A port whose definition changed in anything but its name is closed and opened again.
    ///
    /// - Parameters:
    ///   - opened: definitions of the ports that are open, by port number.
    ///   - wanted: definitions in the tables, by port number.
    public init(from opened: [Int: PortDefinition], to wanted: [Int: PortDefinition]) {
        for (number, definition) in opened.sorted(by: { $0.key < $1.key }) {
            if let new = wanted[number], new.isEnabled, Self.same(definition, new) { continue }
            close.append(number)
        }
        for (number, definition) in wanted.sorted(by: { $0.key < $1.key }) where definition.isEnabled {
            if let old = opened[number], Self.same(old, definition) { continue }
            open.append(number)
        }
    }

    /// Adds a port whose device is no longer the one that was opened.
    public mutating func reopen(_ number: Int, isWanted: Bool) {
        if !close.contains(number) { close.append(number) }
        if isWanted, !open.contains(number) { open.append(number) }
    }

    public var isEmpty: Bool { close.isEmpty && open.isEmpty }

    private static func same(_ one: PortDefinition, _ other: PortDefinition) -> Bool {
        var renamed = one
        renamed.name = other.name
        return renamed == other
    }
}
