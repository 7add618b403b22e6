import Glibc

extension FileStorage {
    /// How often and how long to wait for the lock: an observer that asks whether we live holds a shared one for a
    /// moment.
    private static let lockAttempts = 20
    private static let lockPauseMicroseconds: UInt32 = 5_000

    /// Opens and locks the segment that is at `path`, or makes one. `validate` throws when the file must not be
    /// touched, and returns `false` when it is to be replaced by a new one.
    static func takeOver(
        path: String, mode: mode_t, create: () throws(SegmentError) -> FileStorage,
        validate: (FileStorage) throws(SegmentError) -> Bool
    ) throws(SegmentError) -> (storage: FileStorage, wasTakenOver: Bool) {
        var existing: FileStorage?
        do throws(SegmentError) {
            existing = try openExisting(path: path, writable: true)
        } catch .system(_, _, ENOENT) {
            existing = nil
        }
        if let existing {
            try lockOrRefuse(existing)
            guard existing.isCurrent else { throw .inUse(path: path) }
            if try validate(existing) { return (existing, true) }
        }
        // Locked before it has its name: nobody sees it without its owner.
        let storage = try create()
        guard try storage.lock() else {
            storage.discard()
            throw .inUse(path: path)
        }
        try storage.publish()
        return (storage, false)
    }

    private static func lockOrRefuse(_ storage: FileStorage) throws(SegmentError) {
        for _ in 0..<lockAttempts {
            if try storage.lock() { return }
            usleep(lockPauseMicroseconds)
        }
        throw .inUse(path: storage.path)
    }
}
