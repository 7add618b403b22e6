import Routing

/// Allocations go to disk beside the event loop: a disk that is slow, or hangs, holds the labels that wait for it and
/// nobody else.
extension ControlPlane {
    /// Writes the allocations to disk; until that has worked no label is installed that is not there. What is asked for
    /// while a write goes on is written after it, all at once.
    func saveAllocations() {
        guard savingAllocations == nil else {
            isSaveDue = true
            return
        }
        isSaveDue = false
        let write = allocationsStore.beginWrite(of: currentAllocations)
        savingAllocations = Task {
            do {
                try await write.run()
            } catch {
                savingAllocations = nil
                return logger.error(
                    "allocations cannot be saved: no new label is advertised", metadata: ["error": "\(error)"])
            }
            savingAllocations = nil
            allocationsStore.end(write)
            if isSaveDue { saveAllocations() }
            installSavedBindings()
        }
    }

    /// Waits until what was to be saved is on disk, or could not be written.
    func allocationsAreSaved() async {
        while let saving = savingAllocations { await saving.value }
    }

    /// Puts numbers on disk before they are in force: counters that appear under a number are its name's for good.
    func reserve(_ new: TableNumbers) async {
        guard !new.hasSameAllocations(as: numbers) else { return }
        reservedNumbers = new
        saveAllocations()
        await allocationsAreSaved()
    }

    private var currentAllocations: Allocations {
        let numbers = reservedNumbers ?? numbers
        var allocations = Allocations()
        allocations.labels = routing.labels
        allocations.vrfNumbers = numbers.vrfs
        allocations.interfaceCounters = numbers.interfaces
        allocations.classInstances = numbers.classInstances
        allocations.accessHits = numbers.accessHits
        return allocations
    }

    /// Tries again what could not be written or installed.
    func retryWaitingBindings() {
        if !allocationsStore.isSaved, savingAllocations == nil { saveAllocations() }
        installSavedBindings()
    }

    private func installSavedBindings() {
        let ready = waitingBindings.filter { allocationsStore.isOnDisk($0) }
        guard !ready.isEmpty else { return }
        waitingBindings.removeAll { allocationsStore.isOnDisk($0) }
        for (index, binding) in ready.enumerated() {
            install(binding)
            // One that the tables still refuse goes behind the others; one report of that in a round is enough.
            guard waitingBindings.last != binding else {
                waitingBindings.insert(contentsOf: ready[(index + 1)...], at: 0)
                return
            }
        }
    }
}
