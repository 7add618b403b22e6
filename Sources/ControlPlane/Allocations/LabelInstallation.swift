import BGP
import Logging
import Routing

/// The labels on their way into the tables and out of them. One is on disk before it is in the tables, and stays there
/// until its withdrawals have been read.
final class LabelInstallation {
    /// Labels that wait until the allocations are on disk.
    private var unsaved = DistinctQueue<LabelBinding>()
    /// Those that are on disk and wait for their turn, or until the tables can take them.
    private var waiting = DistinctQueue<LabelBinding>()
    /// Those of them that the tables have refused, which the log says once.
    private(set) var refused: Set<LabelBinding> = []
    /// Labels that routing has given up and that are valid for a little while.
    private var expiring = ExpiringLabels()

    /// What has become valid and invalid since the log last said so.
    private var changes: (installed: Int, removed: Int) = (0, 0)

    private let allocations: SavedAllocations
    private let tables: InstalledTables
    private let logger: Logger

    init(allocations: SavedAllocations, tables: InstalledTables, logger: Logger) {
        self.allocations = allocations
        self.tables = tables
        self.logger = logger
    }

    /// `false`: it waits. Without an entry in the tables a label is not said, but for one that is valid nowhere.
    func install(_ binding: LabelBinding) -> Bool {
        guard allocations.isOnDisk(binding) else {
            unsaved.append(binding)
            return false
        }
        guard binding.owner.subject.isValidNowhere || tables.install(binding) else {
            waiting.append(binding)
            noteRefused(binding)
            return false
        }
        refused.remove(binding)
        changes.installed += 1
        return true
    }

    /// Says where a relay's label leads from now on. One that is valid and leads nowhere for want of room waits to be installed
    /// again.
    func setSwap(_ binding: LabelBinding, _ target: SwapTarget) {
        if !tables.setSwap(binding, target) { waitForRoom(binding) }
    }

    /// The same of a label whose packets are copied to several.
    func setCopies(_ binding: LabelBinding, _ targets: [SwapTarget]) {
        if !tables.setCopies(binding, targets) { waitForRoom(binding) }
    }

    /// The same of a VRF's label; `nil`: its packets are looked up.
    func setWay(_ binding: LabelBinding, _ way: VRFWay?) {
        if !tables.setWay(binding, way) { waitForRoom(binding) }
    }

    private func waitForRoom(_ binding: LabelBinding) {
        guard !refused.contains(binding) else { return }
        waiting.append(binding)
        noteRefused(binding)
    }

    private func noteRefused(_ binding: LabelBinding) {
        guard refused.insert(binding).inserted else { return }
        logger.error(
            "a label could not be installed",
            metadata: [
                "subject": "\(binding.owner.subject)", "neighbor": "\(binding.neighbor)", "nni": "\(binding.nni)",
                "label": "\(binding.label)",
            ])
    }

    /// Says how many labels have become valid and invalid, if any; to be called once a minute.
    func reportChanges() {
        guard changes != (0, 0) else { return }
        logger.info(
            "labels have changed",
            metadata: [
                "installed": "\(changes.installed)", "removed": "\(changes.removed)", "refused": "\(refused.count)",
            ])
        changes = (0, 0)
    }

    /// The allocations are on disk: those that have waited for that are to be tried.
    func noteSaved() {
        for binding in unsaved.take(where: allocations.isOnDisk) { waiting.append(binding) }
    }

    /// Whether labels wait to be tried, be it that they have been tried before.
    var areAnyWaiting: Bool { !waiting.isEmpty }

    /// Takes the next one of those that are on disk, to be tried.
    func takeNext() -> LabelBinding? { waiting.popFirst() }

    /// Makes a label invalid now.
    func remove(_ binding: LabelBinding) {
        forget(binding)
        tables.remove(binding)
        changes.removed += 1
    }

    /// Makes a label invalid when the neighbor has read its withdrawals.
    /// - Parameters:
    ///   - mark: behind the withdrawals; `nil` without a session.
    ///   - latest: it ceases to be valid then whatever the neighbor says.
    func removeLater(_ binding: LabelBinding, behind mark: TransmissionMark?, latest: Duration) {
        forget(binding)
        expiring.add(binding, behind: mark, latest: latest)
    }

    /// The labels whose withdrawals have had their time, at most so many: they are to be removed.
    func takeExpired(
        now: Duration, delay: Duration, limit: Int, isAcknowledged: (TransmissionMark) -> Bool
    ) -> [LabelBinding] {
        expiring.takeExpired(now: now, delay: delay, limit: limit, isAcknowledged: isAcknowledged)
    }

    private func forget(_ binding: LabelBinding) {
        unsaved.remove(binding)
        waiting.remove(binding)
        refused.remove(binding)
        expiring.remove(binding)
    }
}
