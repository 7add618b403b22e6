import ControlProtocol
import Routing

/// A commit as the octets of a file, which is a configuration file as well: what is known of the commit stands in comments.
///
///     ! stile-commit 1
///     ! number 12
///     ! time 1796083200
///     ! user 1000 alice
///     ! source new.conf
///     ! comment to the end of the line           (if there is one)
///     ! file 1c291ca3 812                        (CRC-32 and octets of the file that was last taken, if there was one)
///     ! trial 11 8123 BOOT                       (what comes back, after how many seconds since the start BOOT; or not)
///     !
///     the text as it was committed
///     ! end 5f0c6c1a                             (CRC-32 of all octets before this line)
enum CommitFile {
    private static let begin = "! stile-commit 1\n"
    /// Longer than any header.
    static let largestHeader = 16_384
    /// The longest comment and name of a source, in octets of UTF-8. A control character takes six times as much.
    static let longestWords = 1000

    static func encode(_ commit: Commit) -> [UInt8] {
        let record = commit.record
        var lines = [
            "number \(record.number)", "time \(record.madeAt.secondsSince1970)",
            "user \(record.author.userIdentifier) \(record.author.userName)", "source \(record.source)",
        ]
        if let comment = record.comment { lines.append("comment \(comment)") }
        if let file = record.knownFile { lines.append("file \(String(file.checksum, radix: 16)) \(file.octets)") }
        if let trial = record.trial { lines.append("trial \(trial.former) \(trial.deadlineSeconds) \(trial.boot)") }
        let header = begin + lines.map { "! \($0.withoutControlCharacters)\n" }.joined() + "!\n"
        let octets = Array((header + commit.text).utf8)
        return octets + Array("! end \(String(CRC32.checksum(of: octets[...]), radix: 16))\n".utf8)
    }

    /// The commit in `octets`: all of it, or an error.
    static func decode(_ octets: [UInt8]) throws(CommitFileError) -> Commit {
        let (record, length) = try header(octets)
        let isLineEnd = { (octet: UInt8) in octet == UInt8(ascii: "\n") }
        guard octets.last.map(isLineEnd) == true,
            let before = octets.dropLast().lastIndex(where: isLineEnd), before + 1 >= length
        else { throw CommitFileError("it is cut short") }
        let end = String(decoding: octets[(before + 1)...].dropLast(), as: UTF8.self).split(separator: " ")
        guard end.count == 3, end[0] == "!", end[1] == "end", let checksum = UInt32(end[2], radix: 16) else {
            throw CommitFileError("it is cut short")
        }
        guard checksum == CRC32.checksum(of: octets[...before]) else {
            throw CommitFileError("its checksum is wrong")
        }
        guard let text = String(validating: octets[length..<(before + 1)], as: UTF8.self) else {
            throw CommitFileError("it is not UTF-8")
        }
        return Commit(record, text: text)
    }

    /// What is known of a commit, read from the beginning of its file, and where the text begins.
    static func header(_ octets: [UInt8]) throws(CommitFileError) -> (record: CommitRecord, length: Int) {
        guard octets.starts(with: begin.utf8) else { throw CommitFileError("it is no commit of this version") }
        var values: [Substring: Substring] = [:]
        var start = begin.utf8.count
        while true {
            guard let newline = octets[start...].prefix(largestHeader).firstIndex(of: UInt8(ascii: "\n")) else {
                throw CommitFileError("it is cut short")
            }
            let line = String(decoding: octets[start..<newline], as: UTF8.self)
            start = newline + 1
            if line == "!" { break }
            let words = line.dropFirst(2).split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard line.hasPrefix("! "), words.count == 2 else { throw CommitFileError("its header is damaged") }
            values[words[0]] = words[1]
        }
        guard let record = CommitRecord(values) else { throw CommitFileError("its header is damaged") }
        return (record, start)
    }
}

/// Why a file is no commit.
struct CommitFileError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension CommitRecord {
    /// - Parameter values: what stands behind the first word of each line.
    fileprivate init?(_ values: [Substring: Substring]) {
        let user = values["user"]?.split(separator: " ", maxSplits: 1) ?? []
        guard let number = values["number"].flatMap({ UInt64($0) }), let time = values["time"].flatMap({ Int64($0) }),
            user.count == 2, let userIdentifier = UInt32(user[0]), let source = values["source"]
        else { return nil }
        self.init(
            number: number, madeAt: Timestamp(secondsSince1970: time),
            author: CommitAuthor(userIdentifier: userIdentifier, userName: String(user[1])),
            comment: values["comment"].map(String.init), source: String(source))
        if let words = values["file"]?.split(separator: " ") {
            guard words.count == 2, let checksum = UInt32(words[0], radix: 16), let octets = Int(words[1]) else {
                return nil
            }
            self = with(FileFingerprint(checksum: checksum, octets: octets))
        }
        if let words = values["trial"]?.split(separator: " ") {
            guard words.count == 3, let former = UInt64(words[0]), let deadline = Int64(words[1]) else { return nil }
            trial = CommitTrial(former: former, boot: String(words[2]), deadlineSeconds: deadline)
        }
    }

    private func with(_ file: FileFingerprint) -> CommitRecord {
        CommitRecord(
            number: number, madeAt: madeAt, author: author, comment: comment, source: source, knownFile: file,
            trial: trial)
    }
}
