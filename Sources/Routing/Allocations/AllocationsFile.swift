import Addressing

/// The allocations as the octets of a file.
///
///     +--------------------------------+
///     | "STILEALC" (8 octets)          |
///     +--------------------------------+
///     | version (2)                    |
///     +--------------------------------+
///     | history (8), serial (8)
///     | labels in use: count (4), then owner, label (4) for each
///     | labels in quarantine: count (4), then whether the owner is known (1), if so the owner, label (4), end in
///     |     milliseconds since 1970 (8) for each
///     | VRF numbers: count (4), then name, number (4) for each
///     | interface counters: count (4), then name, number (4) for each
///     | class instances: count (4), then name, number (4) for each; from version 2 on
///     | hit counters of access list entries: count (4), then name, number (4) for each; from version 2 on
///     +--------------------------------+
///     | CRC-32 of all octets before (4)|
///     +--------------------------------+
///
/// All numbers are in network byte order; a name is its length in octets (2) and its UTF-8; a neighbor is its AS (4), its
/// address as a name, and the name of its NNI. An owner is a number (1), what that calls for, and the neighbor that is told
/// the label: 0, a VRF's name and its route distinguisher (8); 1, the neighbor that a relay leads to, and its labels: count (4),
/// then 4 for each; 2, the address of a PE that a relay leads to, and its labels; 3, a relayed route's distinguisher (8) and its
/// prefix as a name; 4, a prefix of labelled unicast as a name; 5, a VRF's next hop: the VRF, the family (1) and 0, the name of a
/// circuit and the address of the neighbor there, or 1, and of a PE's route that came by an NNI 2, what a relay leads to, with
/// its number; 6, a VRF's prefix: the VRF and the prefix as a name; 7, the same of what a customer carrier is told, and the number of
/// the VRF that it is in (2); 8, as 0, of a VRF whose packets come without the label; 9, a VRF's common label: the VRF and the
/// label (4); 10, the same of a label space: the VRF, the label that names the space (4) and the label (4); 11, the MVPN
/// route of a tunnel that ends here: the family (1), the type (1) and the octets of the NLRI behind its length: count (2), then as many; 12, what is under the label of a relayed
/// MVPN or EVPN route (1), and what it leads to, with its number. A common label has many
/// owners, and is in quarantine for each of them.
/// Entries are sorted, so that equal allocations make equal files.
///
/// A file has the lowest version from 4 on that has the kinds of its owners: 11 is of version 6, and those above 3 are of version 5. Files of
/// all versions are read.
/// In files of version 3, which are read too, all owners are VRFs without the number.
/// Files of versions 1 and 2 are read too. In them a label belongs to the name of a VRF, whichever VRF that is now and
/// whoever was told it: all their labels are in quarantine, and their numbers are nobody's.
public enum AllocationsFile {
    static let magic = Array("STILEALC".utf8)
    static let version: UInt16 = 6
    /// The first in which labels and numbers belong to more than a name.
    static let firstVersionWithOwners: UInt16 = 3
    /// The first in which an owner need not be a VRF.
    static let firstVersionWithRelays: UInt16 = 4
    /// The first in which it may be of a kind above 3.
    static let firstVersionWithNewKinds: UInt16 = 5
    /// The first in which a label may be that of a tunnel which ends here: kind 11.
    static let firstVersionWithSegments: UInt16 = 6

    /// The octets to write.
    public static func encode(_ allocations: Allocations) -> [UInt8] {
        var writer = AllocationsWriter()
        writer.octets = magic
        writer.write(UInt64(version), octets: 2)
        writer.write(allocations.history, octets: 8)
        writer.write(allocations.serial, octets: 8)
        let labels = allocations.labels
        writer.writeEntries(labels.labels.sorted { $0.key < $1.key }) { writer, entry in
            writer.writeOwner(entry.key)
            writer.write(UInt64(entry.value.rawValue), octets: 4)
        }
        writer.writeEntries(labels.allQuarantined) { writer, entry in
            writer.write(entry.entry.owner == nil ? 0 : 1, octets: 1)
            if let owner = entry.entry.owner { writer.writeOwner(owner) }
            writer.write(UInt64(entry.label.rawValue), octets: 4)
            writer.write(entry.entry.until.millisecondsSince1970, octets: 8)
        }
        let numbers = [
            allocations.vrfNumbers, allocations.interfaceCounters, allocations.classInstances, allocations.accessHits,
        ]
        for numbers in numbers {
            writer.writeEntries(numbers.numbers.sorted { $0.key < $1.key }) { writer, entry in
                writer.writeName(entry.key)
                writer.write(UInt64(entry.value), octets: 4)
            }
        }
        // What has no owner of a newer kind can be read by those who know of none.
        writer.octets[magic.count + 1] = UInt8(truncatingIfNeeded: writer.neededVersion)
        writer.write(UInt64(CRC32.checksum(of: writer.octets[...])), octets: 4)
        return writer.octets
    }

    /// The allocations in `octets`: all of them, or an error and none.
    public static func decode(_ octets: [UInt8]) throws(AllocationsFileError) -> Allocations {
        guard octets.starts(with: magic) else { throw .notAnAllocationsFile }
        var reader = AllocationsReader(octets: octets[...], offset: magic.count)
        let found = UInt16(truncatingIfNeeded: try reader.readNumber(octets: 2))
        guard (1...version).contains(found) else { throw .unsupportedVersion(found) }
        try checkChecksum(octets)
        reader.octets = octets.dropLast(4)
        var allocations = Allocations()
        guard found >= firstVersionWithOwners else {
            allocations.labels = try readLabelsOfNames(&reader)
            return allocations
        }
        allocations.history = try reader.readNumber(octets: 8)
        allocations.serial = try reader.readNumber(octets: 8)
        reader.version = found
        allocations.labels = try readLabels(&reader, haveKinds: found >= firstVersionWithRelays)
        allocations.vrfNumbers = try readNumbers(&reader)
        allocations.interfaceCounters = try readNumbers(&reader)
        allocations.classInstances = try readNumbers(&reader)
        allocations.accessHits = try readNumbers(&reader)
        guard reader.offset == reader.octets.endIndex else { throw .octetsLeftOver(atOctet: reader.offset) }
        return allocations
    }

    private static func checkChecksum(_ octets: [UInt8]) throws(AllocationsFileError) {
        guard octets.count >= magic.count + 2 + 4 else { throw .truncated(atOctet: octets.count) }
        let stored = octets.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
        let computed = CRC32.checksum(of: octets.dropLast(4))
        guard stored == computed else { throw .checksumMismatch(stored: stored, computed: computed) }
    }

    private static func readLabels(
        _ reader: inout AllocationsReader, haveKinds: Bool
    ) throws(AllocationsFileError) -> LabelAllocations {
        var labels: [LabelOwner: MPLSLabel] = [:]
        for _ in 0..<(try reader.readNumber(octets: 4)) {
            let owner = try reader.readOwner(hasKind: haveKinds)
            let label = try reader.readLabel()
            guard labels.updateValue(label, forKey: owner) == nil else { throw .duplicate("\(owner)") }
        }
        var quarantine: [MPLSLabel: LabelAllocations.Quarantined] = [:]
        var commonQuarantine: [LabelOwner: Instant] = [:]
        for _ in 0..<(try reader.readNumber(octets: 4)) {
            let owner = try reader.readNumber(octets: 1) == 0 ? nil : try reader.readOwner(hasKind: haveKinds)
            let label = try reader.readLabel()
            let until = Instant(millisecondsSince1970: try reader.readNumber(octets: 8))
            if let owner, owner.subject.commonLabel != nil {
                guard commonQuarantine.updateValue(until, forKey: owner) == nil else { throw .duplicate("\(owner)") }
                continue
            }
            guard quarantine.updateValue(.init(owner: owner, until: until), forKey: label) == nil else {
                throw .duplicate("label \(label)")
            }
        }
        let saved = LabelAllocations(labels: labels, quarantine: quarantine, commonQuarantine: commonQuarantine)
        guard let allocations = saved else {
            throw .duplicate("one label of several owners")
        }
        return allocations
    }

    /// The labels of a file in which they belong to names: in quarantine, for as long as one that begins now.
    private static func readLabelsOfNames(
        _ reader: inout AllocationsReader
    ) throws(AllocationsFileError) -> LabelAllocations {
        var allocations = LabelAllocations()
        for octetsBehind in [0, 8] {
            for _ in 0..<(try reader.readNumber(octets: 4)) {
                _ = try reader.readName()
                allocations.quarantine(try reader.readLabel(), until: .distantFuture)
                _ = try reader.readOctets(octetsBehind)
            }
        }
        return allocations
    }

    private static func readNumbers(_ reader: inout AllocationsReader) throws(AllocationsFileError) -> NumberAllocations
    {
        var numbers: [String: UInt32] = [:]
        for _ in 0..<(try reader.readNumber(octets: 4)) {
            let name = try reader.readName()
            let number = UInt32(truncatingIfNeeded: try reader.readNumber(octets: 4))
            guard numbers.updateValue(number, forKey: name) == nil else { throw .duplicate(name) }
        }
        guard let allocations = NumberAllocations(numbers: numbers) else {
            throw .duplicate("one number of several names")
        }
        return allocations
    }
}
