import CTableLayout

/// The control segment as the data plane reads it.
public final class ControlReader {
    public let header: UnsafePointer<stile_control_header>
    private let storage: FileStorage

    /// Maps the segment in the runtime directory.
    public init(directory: String) throws(SegmentError) {
        storage = try FileStorage.openExisting(path: "\(directory)/control", writable: false)
        try Self.validate(storage)
        header = UnsafePointer(storage.base.assumingMemoryBound(to: stile_control_header.self))
    }

    static func validate(_ storage: FileStorage) throws(SegmentError) {
        try SegmentHeader.validate(
            storage.base, byteCount: storage.byteCount, path: storage.path, magic: STILE_CONTROL_MAGIC,
            headerBytes: MemoryLayout<stile_control_header>.size)
        let header = storage.base.assumingMemoryBound(to: stile_control_header.self)
        guard header.pointee.total_bytes == UInt64(storage.byteCount), storage.byteCount == ControlSegment.byteCount
        else { throw .truncated(path: storage.path, found: storage.byteCount, expected: ControlSegment.byteCount) }
        guard header.pointee.inject_offset == UInt64(ControlSegment.slotsOffset),
            header.pointee.inject_slots == UInt32(STILE_INJECT_SLOTS)
        else { throw .invalid(path: storage.path, field: "inject_offset") }
    }

    /// The generation to use; 0: none yet.
    public var currentGeneration: UInt64 { stile_load_acquire_u64(stile_current_generation(header)) }

    /// The word that the workers copy their epoch from (acquire).
    public var writerEpochWord: UnsafePointer<UInt64> { stile_writer_epoch(header) }

    /// When stiled last showed that it works, seconds since 1970.
    public var heartbeatSeconds: UInt64 { stile_load_acquire_u64(stile_control_heartbeat(header)) }

    /// Whether a stiled, of any version, holds the segment in a runtime directory.
    public static func isWriterAlive(directory: String) -> Bool { FileStorage.isOwned("\(directory)/control") }

    /// Whether a stiled holds the segment.
    public var isWriterAlive: Bool { storage.isLockedByAnother }

    /// Whether the runtime directory still names this segment.
    public var isCurrent: Bool { storage.isCurrent }

    /// The tables file of a generation: the current one or the one before it.
    public func tablesPath(ofGeneration generation: UInt64) -> String? {
        Self.tablesPath(header, ofGeneration: generation)
    }

    static func tablesPath(_ header: UnsafePointer<stile_control_header>, ofGeneration generation: UInt64) -> String? {
        guard let start = stile_tables_path(header, generation) else { return nil }
        let octets = UnsafeRawBufferPointer(start: start, count: 256)
        guard let end = octets.firstIndex(of: 0), end > 0 else { return nil }
        return String(decoding: octets[..<end], as: UTF8.self)
    }
}
