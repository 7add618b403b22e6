import Glibc

/// Why a segment or a generation of the tables cannot be used. The description is for people.
public enum SegmentError: Error, Hashable, Sendable {
    /// A system call failed; `code` is errno.
    case system(call: String, path: String, code: Int32)
    /// Another process holds the lock on the segment.
    case inUse(path: String)
    /// The file does not begin with the magic number of its kind.
    case notASegment(path: String)
    case otherVersion(path: String, found: UInt32, expected: UInt32)
    /// The file is not as long as its header says, or too short for a header.
    case truncated(path: String, found: Int, expected: Int)
    /// A field of the header is outside the file or not what this version writes.
    case invalid(path: String, field: String)
    /// The file holds another generation than the one asked for.
    case otherGeneration(path: String, found: UInt64, expected: UInt64)
    /// A path does not fit in the control segment.
    case pathTooLong(path: String)
}

extension SegmentError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let call, let path, let code):
            "\(path): \(call) failed: \(String(cString: strerror(code)))"
        case .inUse(let path):
            "\(path): another process is running and holds this segment; stop it first"
        case .notASegment(let path):
            "\(path): not a segment of Stile (wrong magic number)"
        case .otherVersion(let path, let found, let expected):
            "\(path): layout version \(found), this program has layout version \(expected): it was written by another "
                + "version of Stile; stop the processes of that version, and whoever starts next replaces it"
        case .truncated(let path, let found, let expected):
            "\(path): \(found) octets, expected \(expected)"
        case .invalid(let path, let field):
            "\(path): header field \(field) is not valid"
        case .otherGeneration(let path, let found, let expected):
            "\(path): generation \(found), expected \(expected)"
        case .pathTooLong(let path):
            "\(path): path longer than 255 octets"
        }
    }
}
