/// A configuration file in memory, cut into lines.
struct SourceText {
    let file: String
    private let bytes: [UInt8]
    private let lineBounds: [Range<Int>]

    /// Lines end with LF or CR LF.
    init(_ text: String, file: String) {
        self.file = file
        bytes = Array(text.utf8)
        var bounds: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            let newline = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            let hasReturn = newline > start && newline < bytes.count && bytes[newline - 1] == 0x0D
            bounds.append(start..<(hasReturn ? newline - 1 : newline))
            start = newline + 1
        }
        lineBounds = bounds
    }

    var lineCount: Int { lineBounds.count }

    /// The octets of a line without its end; empty for a line that does not exist. Lines count from 1.
    func line(_ number: Int) -> ArraySlice<UInt8> {
        guard lineBounds.indices.contains(number - 1) else { return [] }
        return bytes[lineBounds[number - 1]]
    }
}

/// A part of one line.
struct SourceRange: Hashable {
    // There is one beside every value of a draft: small numbers make drafts half as large.
    private let storedLine: UInt32
    private let begin: UInt32
    private let end: UInt32

    /// - Parameters:
    ///   - line: from 1.
    ///   - octets: offsets from the beginning of the line.
    init(line: Int, octets: Range<Int>) {
        storedLine = UInt32(clamping: line)
        begin = UInt32(clamping: octets.lowerBound)
        end = UInt32(clamping: octets.upperBound)
    }

    /// From 1.
    var line: Int { Int(storedLine) }
    /// Offsets in octets from the beginning of the line.
    var octets: Range<Int> { Int(begin)..<Int(end) }
}

/// A value with the place it came from.
struct Located<Value> {
    let value: Value
    let range: SourceRange
}

extension Located: Equatable where Value: Equatable {}
