/// Puts a line into its block.
struct BlockChange {
    /// The places of the lines that it stands for.
    let replaced: [Int]
    /// Whether it is a line that is kept, and not one that says what holds anyway.
    let isPrinted: Bool
    /// The lines that are there no more.
    private(set) var removed: [String] = []

    init(replaced: [Int], isPrinted: Bool) {
        self.replaced = replaced
        self.isPrinted = isPrinted
    }

    /// - Returns: where the line is now; `nil` if it is not kept.
    mutating func put(_ new: TreeLine, into lines: inout [TreeLine]) -> Int? {
        guard isPrinted else {
            remove(replaced, from: &lines)
            return nil
        }
        if let position = lines.firstIndex(where: { $0.opensSameBlock(as: new) || $0.text == new.text }) {
            lines[position].comments += new.comments
            lines[position].remark = new.remark ?? lines[position].remark
            guard replaced.contains(position) else { return position }
            removed.append(lines[position].text)
            lines[position].text = new.text
            lines[position].opens = new.opens
            return position
        }
        guard let position = replaced.first else {
            let position = place(of: new, in: lines)
            lines.insert(new, at: position)
            return position
        }
        removed.append(lines[position].text)
        var line = new
        line.comments = lines[position].comments + new.comments
        lines[position] = line
        remove(Array(replaced.dropFirst()), from: &lines)
        return position
    }

    private mutating func remove(_ positions: [Int], from lines: inout [TreeLine]) {
        for position in positions.reversed() { removed.append(lines.remove(at: position).text) }
    }

    /// Entries of access lists stand in the order of their numbers, lines in front of blocks, and all others behind those
    /// that begin like them.
    private func place(of new: TreeLine, in lines: [TreeLine]) -> Int {
        if let sequence = new.sequence {
            return lines.firstIndex { ($0.sequence ?? 0) > sequence } ?? lines.endIndex
        }
        let kin = lines.lastIndex { ($0.opens == nil) == (new.opens == nil) && $0.firstWord == new.firstWord }
        if new.opens != nil { return kin.map { $0 + 1 } ?? lines.endIndex }
        if let kin, lines.contains(where: { $0.opens != nil }) { return kin + 1 }
        return lines.firstIndex { $0.opens != nil } ?? lines.endIndex
    }

    /// An access list has one entry of a number.
    func refuseTakenNumber(_ new: TreeLine, among lines: [TreeLine], _ line: LexedLine) throws(Finding) {
        guard let number = new.sequence,
            let taken = lines.first(where: { $0.sequence == number && $0.text != new.text })
        else { return }
        throw Finding(
            .duplicateSequence, "there is an entry with the number \(number): '\(taken.text)'",
            at: SourceRange(line: line.number, octets: line.tokens[0].octets),
            hint: "'no \(number)' takes it away; without a number the entry goes behind the highest one")
    }
}

extension TreeLine {
    fileprivate var firstWord: Substring? { text.split(separator: " ", maxSplits: 1).first }
}
