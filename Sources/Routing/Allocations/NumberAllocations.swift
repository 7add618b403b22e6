/// Small numbers by name that stay what they are over restarts: VRFs in the tables, interfaces among the counters.
public struct NumberAllocations: Hashable, Sendable {
    /// The numbers in use by name.
    public private(set) var numbers: [String: UInt32] = [:]
    private var used: Set<UInt32> = []
    /// By the beginning of a range: no number of it below this one is free, so that the range is searched once.
    private var lowestCandidates: [UInt32: UInt32] = [:]

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
        let start = lowestCandidates[range.lowerBound] ?? range.lowerBound
        guard start < range.upperBound, let number = (start..<range.upperBound).first(where: { !used.contains($0) })
        else {
            lowestCandidates[range.lowerBound] = range.upperBound
            return nil
        }
        lowestCandidates[range.lowerBound] = number + 1
        numbers[name] = number
        used.insert(number)
        return number
    }

    /// Gives each of `names` a number of `range`, the lowest that are free for those that have none there.
    /// - Returns: `false` if there are too few; then nothing has changed.
    public mutating func allocate(for names: [String], from range: Range<UInt32>) -> Bool {
        var new = self
        var next = range.lowerBound
        for name in names {
            if let number = new.numbers[name] {
                guard !range.contains(number) else { continue }
                // A file from outside may hold any number.
                new.release(name)
            }
            while next < range.upperBound, new.used.contains(next) { next += 1 }
            guard next < range.upperBound else { return false }
            new.numbers[name] = next
            new.used.insert(next)
        }
        self = new
        return true
    }

    /// Gives `name` a number that it is known to have had, unless either is taken.
    public mutating func keep(_ number: UInt32, for name: String) {
        guard numbers[name] == nil, used.insert(number).inserted else { return }
        numbers[name] = number
    }

    /// Keeps a number from everybody, as that of a name that nobody bears; `false` if it has a name.
    public mutating func reserve(_ number: UInt32) -> Bool {
        guard used.insert(number).inserted else { return false }
        numbers["lost \(number)"] = number
        return true
    }

    /// Gives the number of `name` up.
    public mutating func release(_ name: String) {
        guard let number = numbers.removeValue(forKey: name) else { return }
        used.remove(number)
        for (range, candidate) in lowestCandidates where (range..<max(range, candidate)).contains(number) {
            lowestCandidates[range] = number
        }
    }

    public static func == (a: Self, b: Self) -> Bool { a.numbers == b.numbers }

    public func hash(into hasher: inout Hasher) { hasher.combine(numbers) }
}
