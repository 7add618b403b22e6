import CTableLayout
import ForwardingTables
import PacketFormats

/// What stands in front of a common packet: an Ethernet header with up to two tags to the address of an NNI or core
/// interface and the type of MPLS, or to a circuit and the type of IP. What is found by it holds for the frames behind it that came in on the same
/// port with the same one. Ports get their frames from one neighbor mostly, so that runs are the rule.
///
/// The fields are whole words: what lies between narrower ones would be copied with each frame.
struct CommonHeader {
    private let port: Int
    /// The destination and the beginning of the source.
    private let addresses: UInt64
    /// The type or outer tag's protocol identifier, as it is in memory.
    private let firstType: Int
    /// The eight octets in front of the payload: the rest of the source as far as it fits (no decision is made by it),
    /// tags and type.
    private let tagsAndType: UInt64
    let payloadOffset: Int
    let interface: UnsafePointer<stile_interface>
    /// The packets' that follow; under a label it is the label's.
    let owner: PacketOwner
    /// STILE_FLAG_IPV4 or STILE_FLAG_IPV6: what follows, on a circuit that carries it; 0: a label.
    private let family: Int

    var isLabelled: Bool { @_noLocks @inline(__always) get { family == 0 } }
    var isIPv4: Bool { @_noLocks @inline(__always) get { family == Int(STILE_FLAG_IPV4.rawValue) } }
    var isIPv6: Bool { @_noLocks @inline(__always) get { family == Int(STILE_FLAG_IPV6.rawValue) } }

    /// The header of frame `index`; `nil` where it is none of those, or less than a packet's header follows it.
    @_noLocks @inline(__always)
    init?(of index: Int, _ burst: Burst, _ tables: TablesReader) {
        let frame = UnsafeRawPointer(burst.frame[index])
        let frameBytes = Int(burst.frameLength[index])
        let port = burst.port[index]
        guard
            case .interface(let number, let etherType, let payloadOffset) = EthernetEncapsulation(
                of: frame, bytes: frameBytes, port: port, in: tables)
        else { return nil }
        let interface = tables.interfaces + Int(number)
        guard Ingress.isAddressed(frame, to: interface) else { return nil }
        let least: Int
        if etherType == EtherType.mpls {
            guard Ingress.takesLabels(interface) else { return nil }
            family = 0
            least = Self.labelledBytes
        } else {
            guard UInt32(interface.pointee.kind) == STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue else { return nil }
            family =
                etherType == EtherType.ipv4
                ? Int(STILE_FLAG_IPV4.rawValue) : etherType == EtherType.ipv6 ? Int(STILE_FLAG_IPV6.rawValue) : 0
            guard Int(interface.pointee.flags) & family != 0 else { return nil }
            least = IPv4Header.minimumByteCount
        }
        guard frameBytes >= payloadOffset &+ least else { return nil }
        self.port = Int(port)
        self.payloadOffset = payloadOffset
        self.interface = interface
        owner = PacketOwner(interface: number, interface)
        addresses = frame.loadUnaligned(as: UInt64.self)
        firstType = Int(frame.loadUnaligned(fromByteOffset: 12, as: UInt16.self))
        tagsAndType = frame.loadUnaligned(fromByteOffset: payloadOffset &- 8, as: UInt64.self)
    }

    /// Whether the frame behind `index` has it, too.
    @_noLocks @inline(__always)
    func isRepeated(from index: Int, _ burst: Burst, count: Int) -> Bool {
        index &+ 1 < count && isOf(index &+ 1, payloadBytes: IPv4Header.minimumByteCount, burst)
    }

    /// What follows the header at least where there is a label.
    static var labelledBytes: Int {
        @_noLocks @inline(__always) get { LabelStackEntry.byteCount &+ IPv4Header.minimumByteCount }
    }

    /// Whether frame `index` has it, and so much behind it.
    @_noLocks @inline(__always)
    func isOf(_ index: Int, payloadBytes: Int, _ burst: Burst) -> Bool {
        let frame = UnsafeRawPointer(burst.frame[index])
        // Of several circuits of a port the tag differs, first of all.
        return Int(burst.frameLength[index]) >= payloadOffset &+ payloadBytes
            && frame.loadUnaligned(fromByteOffset: payloadOffset &- 8, as: UInt64.self) == tagsAndType
            && frame.loadUnaligned(as: UInt64.self) == addresses
            && Int(frame.loadUnaligned(fromByteOffset: 12, as: UInt16.self)) == firstType
            && Int(burst.port[index]) == port
    }
}
