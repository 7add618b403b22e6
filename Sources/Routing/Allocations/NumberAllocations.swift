/// Small numbers by name that stay what they are over restarts: VRFs in the tables, interfaces among the counters.
public struct NumberAllocations: Hashable, Sendable {
    /// The numbers in use by name.
    public private(set) var numbers: [String: UInt32] = [:]
    private var used: Set<UInt32> = []

    public init() {}

    /// Allocations as they were saved; `nil` if two names have the same number.
    public init?(numbers: [String: UInt32]) {
        used = Set(numbers.values)
        guard used.count == numbers.count else { return nil }
        self.numbers = numbers
    }

    /// The number that `name` has, or else the lowest of `range` that is free; `nil` if there is none.
    public mutating func allocate(for name: String, from range: Range<UInt32>) -> UInt32? {
        if let number = numbers[name] { return number }
        guard let number = range.first(where: { !used.contains($0) }) else { return nil }
        numbers[name] = number
        used.insert(number)
        return number
    }

    /// Gives the number of `name` up.
    public mutating func release(_ name: String) {
        guard let number = numbers.removeValue(forKey: name) else { return }
        used.remove(number)
    }
}
