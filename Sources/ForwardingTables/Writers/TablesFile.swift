import CTableLayout
import Glibc

/// The file of one generation as the writers of its records share it.
final class TablesFile {
    let storage: FileStorage
    let capacities: TableCapacities
    let header: UnsafeMutablePointer<stile_tables_header>
    /// What the writers have retired.
    let reclamation = Reclamation()

    /// A new file with a header, under its name: in `hugepageDirectory` when that is given and has room for it, otherwise
    /// in `directory`.
    init(
        directory: String, hugepageDirectory: String?, generation: UInt64, capacities: TableCapacities,
        hugepageCapacities: TableCapacities
    ) throws(SegmentError) {
        func make(_ directory: String, _ capacities: TableCapacities) throws(SegmentError) -> FileStorage {
            let layout = TablesLayout(generation: generation, capacities: capacities)
            let path = "\(directory)/tables.\(generation)"
            let storage = try FileStorage.create(path: path, byteCount: Int(layout.header.total_bytes), mode: 0o640)
            guard storage.commit(offset: 0, byteCount: Int(layout.header.vlan_maps.offset)) else {
                storage.discard()
                throw .system(call: "fallocate", path: path, code: ENOSPC)
            }
            storage.base.storeBytes(of: layout.header, as: stile_tables_header.self)
            try storage.publish()
            return storage
        }
        if let hugepageDirectory, Self.hasRoom(hugepageDirectory, for: hugepageCapacities),
            let storage = try? make(hugepageDirectory, hugepageCapacities)
        {
            self.storage = storage
            self.capacities = hugepageCapacities
        } else {
            storage = try make(directory, capacities)
            self.capacities = capacities
        }
        header = storage.base.assumingMemoryBound(to: stile_tables_header.self)
    }

    /// The writable records of a section.
    func records<Record>(_ section: stile_section, as type: Record.Type) -> UnsafeMutablePointer<Record> {
        (storage.base + Int(section.offset)).assumingMemoryBound(to: type)
    }

    private static func hasRoom(_ directory: String, for capacities: TableCapacities) -> Bool {
        var status = statvfs()
        guard statvfs(directory, &status) == 0, status.f_bsize >= 1 << 21 else { return false }
        let needed = TablesLayout(generation: 1, capacities: capacities).header.total_bytes
        // A mount without a size of its own says 0 blocks; the limit is then the system's pool.
        let pages = status.f_blocks == 0 ? freeHugepages(ofBytes: UInt64(status.f_bsize)) : UInt64(status.f_bfree)
        let (free, overflow) = pages.multipliedReportingOverflow(by: UInt64(status.f_bsize))
        return overflow || free >= needed
    }

    /// Free pages of one size in the system's pool; 0 where the kernel does not say.
    private static func freeHugepages(ofBytes bytes: UInt64) -> UInt64 {
        let path = "/sys/kernel/mm/hugepages/hugepages-\(bytes / 1_024)kB/free_hugepages"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var digits = [UInt8](repeating: 0, count: 20)
        let count = read(descriptor, &digits, digits.count)
        let text = String(decoding: digits.prefix(max(count, 0)), as: UTF8.self)
        return text.split(separator: "\n").first.flatMap { UInt64($0) } ?? 0
    }
}
