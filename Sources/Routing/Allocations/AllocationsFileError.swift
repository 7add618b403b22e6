/// Why a file of allocations cannot be used.
public enum AllocationsFileError: Error, Hashable, Sendable {
    case notAnAllocationsFile
    case unsupportedVersion(UInt16)
    /// The file ends in the middle of an entry.
    case truncated(atOctet: Int)
    case checksumMismatch(stored: UInt32, computed: UInt32)
    case nameNotUTF8(atOctet: Int)
    /// The text at the octet is no IP address.
    case notAnAddress(atOctet: Int)
    /// The text at the octet is no prefix.
    case notAPrefix(atOctet: Int)
    case notARoute(atOctet: Int)
    /// The octet says what owns a label, by a number that means nothing.
    case unknownOwner(UInt8, atOctet: Int)
    /// Above 1,048,575 or below 16.
    case notALabelOfAVRF(UInt32)
    /// What occurs twice.
    case duplicate(String)
    case octetsLeftOver(atOctet: Int)
}

extension AllocationsFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAnAllocationsFile: "not a file of allocations: it does not begin with STILEALC"
        case .unsupportedVersion(let version):
            "the file has version \(version), this program reads versions 1 to \(AllocationsFile.version)"
        case .truncated(let octet): "the file is cut off at octet \(octet)"
        case .checksumMismatch(let stored, let computed):
            "the file is damaged: its checksum is 0x\(String(stored, radix: 16)), "
                + "that of its contents 0x\(String(computed, radix: 16))"
        case .nameNotUTF8(let octet): "the name at octet \(octet) is not UTF-8"
        case .notAnAddress(let octet): "what is at octet \(octet) is no IP address"
        case .notAPrefix(let octet): "what is at octet \(octet) is no prefix"
        case .notARoute(let octet): "what is at octet \(octet) is no route"
        case .unknownOwner(let kind, let octet): "\(kind) at octet \(octet) is no kind of owner of a label"
        case .notALabelOfAVRF(let label): "\(label) is no label that a VRF can have"
        case .duplicate(let what): "\(what) occurs twice"
        case .octetsLeftOver(let octet): "there is more behind the last entry, from octet \(octet)"
        }
    }
}
