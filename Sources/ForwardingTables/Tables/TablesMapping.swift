import CTableLayout

/// A generation of the tables, mapped read-only: by the data plane, and by a restarting stiled that wants the
/// neighbours of the last one. The mapping outlives the file's name.
public final class TablesMapping {
    private let storage: FileStorage
    public let reader: TablesReader

    /// Maps and validates the file. With `generation`, the file must be of that one.
    public init(path: String, generation: UInt64? = nil) throws(SegmentError) {
        storage = try FileStorage.openExisting(path: path, writable: false)
        try TablesLayout.validate(storage.base, byteCount: storage.byteCount, path: path, generation: generation)
        reader = TablesReader(validated: storage.base)
    }

    public var path: String { storage.path }

    /// The generation's number: 1 and up.
    public var generation: UInt64 { reader.header.pointee.generation }
}
