import Glibc

extension FileStorage {
    /// How often and how long to wait for the lock: an observer that asks whether we live holds a shared one for a
    /// moment.
    private static let lockAttempts = 20
    private static let lockPauseMicroseconds: UInt32 = 5_000

    /// What is behind a segment that its owner has opened.
    struct Possession {
        let storage: FileStorage
        /// Whether a former owner's segment goes on being used.
        let wasTakenOver: Bool
        /// Why what was there could not be used and was replaced.
        let replaced: SegmentError?
    }

    /// Opens and locks the segment that is at `path`, or makes one. `validate` throws when the file cannot be used, and
    /// returns `false` when it is to be replaced by a new one.
    ///
    /// - Parameter otherUser: the path of a segment whose living owner uses this one too. What cannot be used and is
    ///   nobody's, another version's for instance, is replaced; otherwise the error is the caller's.
    static func takeOver(
        path: String, otherUser: String? = nil, create: () throws(SegmentError) -> FileStorage,
        validate: (FileStorage) throws(SegmentError) -> Bool
    ) throws(SegmentError) -> Possession {
        var existing: FileStorage?
        var replaced: SegmentError?
        do throws(SegmentError) {
            existing = try openExisting(path: path, writable: true)
        } catch .system(_, _, ENOENT) {
            existing = nil
        } catch {
            guard case .truncated = error, !isOwned(otherUser) else { throw error }
            replaced = error
        }
        if let existing {
            try lockOrRefuse(existing)
            guard existing.isCurrent else { throw .inUse(path: path) }
            do throws(SegmentError) {
                if try validate(existing) {
                    return Possession(storage: existing, wasTakenOver: true, replaced: nil)
                }
            } catch {
                guard !isOwned(otherUser) else { throw error }
                replaced = error
            }
        }
        // Locked before it has its name: nobody sees it without its owner.
        let storage = try create()
        guard try storage.lock() else {
            storage.discard()
            throw .inUse(path: path)
        }
        try storage.publish()
        return Possession(storage: storage, wasTakenOver: false, replaced: replaced)
    }

    /// Whether the owner of the segment at `path` lives; of any version.
    static func isOwned(_ path: String?) -> Bool {
        guard let path, let storage = try? openExisting(path: path, writable: false) else { return false }
        return storage.isLockedByAnother
    }

    private static func lockOrRefuse(_ storage: FileStorage) throws(SegmentError) {
        for _ in 0..<lockAttempts {
            if try storage.lock() { return }
            usleep(lockPauseMicroseconds)
        }
        throw .inUse(path: storage.path)
    }
}
