import Addressing
import Configuration
import Routing

/// Where the allocations are kept: in a file on disk, and in a copy beside the tables that the data plane uses, so that
/// whoever loses or puts back one of the two does not make one customer's label another's.
struct AllocationsStore {
    private let path: String
    private let copyPath: String
    private var history: UInt64
    private var serial: UInt64
    /// The labels that are known to be on disk: after a crash they are their owners' still.
    private var labelsOnDisk: [LabelOwner: MPLSLabel] = [:]
    /// Whether all that was to be saved is on disk.
    private(set) var isSaved = false

    /// What was found that is not as it should be, for the log.
    private(set) var findings: [String] = []

    /// Reads the allocations: what is on disk, or what is beside the tables if that is newer.
    ///
    /// - Parameter inUse: the labels that are valid in the tables that the data plane uses. Those that the allocations
    ///   know otherwise, or not at all, are given to nobody for a time.
    /// - Throws: ``ControlPlaneStartError/allocations(path:_:)`` if the file on disk is there and cannot be used.
    init(
        options: ControlPlaneOptions, inUse: [LabelInUse], allocations: inout Allocations
    ) throws(ControlPlaneStartError) {
        path = options.allocationsPath
        copyPath = options.allocationsCopyPath
        let disk: Allocations?
        do {
            disk = try DurableFile.read(path).map(AllocationsFile.decode)
        } catch {
            throw .allocations(path: path, "\(error)")
        }
        let copy = (try? DurableFile.read(copyPath)).flatMap { $0 }.flatMap { try? AllocationsFile.decode($0) }
        labelsOnDisk = disk?.labels.labels ?? [:]
        switch (disk, copy) {
        case (nil, nil):
            allocations = Allocations()
            allocations.history = .random(in: .min ... .max)
        case (let disk?, nil): allocations = disk
        case (nil, let copy?):
            allocations = copy
            findings.append("\(path) is gone: the copy beside the tables is used")
        case (let disk?, let copy?) where disk.history == copy.history:
            allocations = disk.serial >= copy.serial ? disk : copy
            if disk.serial < copy.serial {
                findings.append("\(path) is older than the tables in use: the copy beside them is used")
            }
        case (let disk?, let copy?):
            allocations = copy
            for (owner, label) in disk.labels.labels where copy.labels.labels[owner] != label {
                let outermost = owner.subject.commonLabel?.context ?? label
                guard copy.labels.holder(of: outermost) == nil else { continue }
                allocations.labels.quarantine(outermost, until: .distantFuture, on: owner.neighbor.nni)
            }
            findings.append("\(path) is that of another box or of another time: the copy beside the tables is used")
        }
        history = allocations.history
        serial = allocations.serial
        quarantineWhatIsUnknown(inUse, &allocations)
    }

    private mutating func quarantineWhatIsUnknown(_ inUse: [LabelInUse], _ allocations: inout Allocations) {
        var unknown: Set<MPLSLabel> = []
        for use in inUse {
            let label = use.label.context ?? use.label.label
            guard !use.isOf(allocations.labels.knownOwners(of: use.label), allocations),
                allocations.labels.quarantine[label] == nil || unknown.contains(label)
            else { continue }
            unknown.insert(label)
            allocations.labels.quarantine(label, until: .distantFuture, on: use.place(allocations))
        }
        guard !unknown.isEmpty else { return }
        findings.append(
            "\(unknown.count) labels of the tables in use are not known from \(path): they go to nobody for the "
                + "time of a quarantine")
    }

    /// Whether a label may be said: its owner has it on disk.
    func isOnDisk(_ binding: LabelBinding) -> Bool { labelsOnDisk[binding.owner] == binding.label }

    /// What is to be written now. There is one write at a time; what is on disk is known when it has ended.
    mutating func beginWrite(of given: Allocations) -> AllocationsWrite {
        var allocations = given
        allocations.history = history
        allocations.serial = serial + 1
        isSaved = false
        return AllocationsWrite(allocations: allocations, path: path, copyPath: copyPath)
    }

    /// Takes note of what is on disk.
    mutating func end(_ write: AllocationsWrite) {
        isSaved = true
        serial = write.allocations.serial
        labelsOnDisk = write.allocations.labels.labels
    }
}

/// The allocations on their way to disk.
struct AllocationsWrite: Sendable {
    let allocations: Allocations
    let path: String
    let copyPath: String

    /// Writes them to disk and then beside the tables. A slow disk takes its time: not for the event loop.
    /// - Throws: ``SystemCallError`` if they are not on disk; what was there before is there still.
    func run() async throws {
        let octets = AllocationsFile.encode(allocations)
        try DurableFile.replace(path, with: octets)
        try? DurableFile.replace(copyPath, with: octets)
    }
}

/// A label that is valid in the tables that an earlier process has filled.
struct LabelInUse {
    /// With the one that names its space, if it is of one.
    let label: CommonLabel
    /// The VRF's number; `nil`: it is swapped.
    let vrf: UInt16?
    /// The number of the NNI's counters; `nil`: it is valid in the core.
    let nni: UInt16?
}

extension LabelInUse {
    /// Whether one of the owners is the one that the tables know.
    fileprivate func isOf(_ owners: Set<LabelOwner>, _ allocations: Allocations) -> Bool {
        let place = place(allocations)
        return owners.contains { owner in
            let isSameVRF: Bool
            switch (owner.vrf, vrf) {
            case (nil, nil): isSameVRF = true
            case (let vrf?, let number?):
                isSameVRF = allocations.vrfNumbers.numbers[vrf.description] == UInt32(number)
            case (_?, nil): isSameVRF = owner.subject.mayBeSwapped
            case (nil, _?): isSameVRF = false
            }
            guard owner.subject.commonLabel ?? CommonLabel(label.label) == label else { return false }
            return isSameVRF && owner.place == place
        }
    }

    /// The name of the number of its NNI or circuit, or the core; `nil`: it is of one that has no name any more.
    fileprivate func place(_ allocations: Allocations) -> String? {
        guard let nni else { return NeighborIdentity.core }
        return allocations.interfaceCounters.numbers.first { $0.value == UInt32(nni) }?.key
    }
}

extension LabelOwner {
    /// The name of the number that its NNI or circuit has: a circuit's is its VRF's as well.
    fileprivate var place: String {
        guard neighbor.vrf != nil, let vrf else { return neighbor.nni }
        return Configuration.numberedName(neighbor.nni, of: vrf)
    }
}

extension LabelSubject {
    /// Whether packets of a VRF's label may go on under other labels: those of customer carriers.
    fileprivate var mayBeSwapped: Bool {
        switch self {
        case .prefix, .circuitPrefix: true
        case .vrf, .vrfOnCircuit, .common, .relayed, .relayedPrefix, .labelledPrefix, .relayedService, .nextHop,
            .segment:
            false
        }
    }
}
