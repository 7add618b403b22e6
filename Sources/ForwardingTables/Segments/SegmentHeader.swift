import CTableLayout

/// What the headers of all three kinds of file have in common: magic (8 octets), layout version and header size
/// (4 octets each).
enum SegmentHeader {
    static func validate(
        _ base: UnsafeRawPointer, byteCount: Int, path: String, magic: UInt64, headerBytes: Int
    ) throws(SegmentError) {
        guard byteCount >= 16 else { throw .truncated(path: path, found: byteCount, expected: headerBytes) }
        guard base.load(as: UInt64.self) == magic else { throw .notASegment(path: path) }
        let version = base.load(fromByteOffset: 8, as: UInt32.self)
        guard version == STILE_LAYOUT_VERSION else {
            throw .otherVersion(path: path, found: version, expected: STILE_LAYOUT_VERSION)
        }
        guard byteCount >= headerBytes else {
            throw .truncated(path: path, found: byteCount, expected: headerBytes)
        }
        guard base.load(fromByteOffset: 12, as: UInt32.self) == UInt32(headerBytes) else {
            throw .invalid(path: path, field: "header_bytes")
        }
    }
}
