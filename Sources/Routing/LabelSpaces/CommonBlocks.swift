/// The domain-wide common blocks by which routes have been placed: while all are placed anew by another one, some are still as the former
/// one wanted.
struct CommonBlocks {
    typealias Number = UInt16

    private(set) var current: Number = 0
    private var blocks: [Number: ClosedRange<UInt32>] = [:]

    /// `nil`: none is reserved.
    subscript(number: Number) -> ClosedRange<UInt32>? { blocks[number] }

    var now: ClosedRange<UInt32>? { blocks[current] }

    mutating func begin(_ block: ClosedRange<UInt32>?) {
        current &+= 1
        blocks[current] = block
    }

    /// Nothing is placed by former ones any more.
    mutating func forgetFormer() {
        guard blocks.count > 1 || blocks[current] == nil else { return }
        let block = now
        blocks = [:]
        blocks[current] = block
    }
}
