import Routing

/// The allocations on disk and on their way there. They go there beside the event loop: a disk that is slow, or hangs,
/// holds the labels that wait for it and nobody else.
final class SavedAllocations {
    private var store: AllocationsStore
    /// The write that goes on.
    private var writing: Task<Void, Never>?
    /// Whether they have changed since it began.
    private var isWriteDue = false
    /// Numbers of a plan that will be in force in a moment.
    private var reserved: TableNumbers?

    init(_ store: AllocationsStore) { self.store = store }

    /// What was found of an earlier run that is not as it should be, for the log.
    var findings: [String] { store.findings }
    /// Whether all that was to be saved is on disk.
    var isComplete: Bool { store.isSaved }
    /// Whether the last write has failed.
    var isToBeWrittenAgain: Bool { !store.isSaved && writing == nil }
    /// Whether a label may be said: its owner has it on disk.
    func isOnDisk(_ binding: LabelBinding) -> Bool { store.isOnDisk(binding) }

    /// What is to be written now; `nil` while a write goes on, which is followed by another then.
    func beginWrite(labels: @autoclosure () -> LabelAllocations, numbers: TableNumbers) -> AllocationsWrite? {
        guard writing == nil else {
            isWriteDue = true
            return nil
        }
        isWriteDue = false
        let numbers = reserved ?? numbers
        var allocations = Allocations()
        allocations.labels = labels().written
        allocations.vrfNumbers = numbers.vrfs
        allocations.interfaceCounters = numbers.interfaces
        allocations.classInstances = numbers.classInstances
        allocations.accessHits = numbers.accessHits
        return store.beginWrite(of: allocations)
    }

    /// What carries the write out that was begun.
    func carriedOut(by task: Task<Void, Never>) { writing = task }

    /// The write has come to its end; without it what is on disk is what was there before.
    /// - Returns: whether another is to follow, since something has changed meanwhile.
    func end(_ write: AllocationsWrite?) -> Bool {
        writing = nil
        guard let write else { return false }
        store.end(write)
        return isWriteDue
    }

    /// Waits until what was to be saved is on disk, or could not be written.
    nonisolated(nonsending) func areSaved() async {
        while let writing { await writing.value }
    }

    // MARK: Reserving

    /// Numbers are to be on disk before they are in force. `false`: they are there.
    func reserve(_ new: TableNumbers, besides numbers: TableNumbers) -> Bool {
        guard !new.hasSameAllocations(as: numbers) else { return false }
        reserved = new
        return true
    }

    /// Numbers have come into force: none are reserved from now on.
    /// - Returns: whether others were, which are on disk or on their way there.
    func endReservation(of numbers: TableNumbers) -> Bool {
        defer { reserved = nil }
        return reserved.map { !$0.hasSameAllocations(as: numbers) } ?? false
    }
}
