import CTableLayout
import ForwardingTables
import PacketFormats

/// Between whom labels of route reflectors carry sessions, on the interface that a packet came in by.
struct ListedSessions {
    private let first: UnsafePointer<stile_local_service>
    private let count: Int
    private let isIPv6: Bool

    @_noLocks @inline(__always)
    init(of interface: UnsafePointer<stile_interface>, _ tables: TablesReader, isIPv6: Bool) {
        first = UnsafePointer(tables.localServices + Int(interface.pointee.local_first))
        count = Int(interface.pointee.local_count)
        self.isIPv6 = isIPv6
    }

    /// Whether a packet goes the way of the label: from one who is listed to one who is.
    @_noLocks
    func haveOnTheirWay(_ packet: UnsafeRawPointer) -> Bool {
        isListed(destination(of: packet), STILE_SERVICE_SESSIONS_TO)
            && isListed(source(of: packet), STILE_SERVICE_SESSIONS_FROM)
    }

    /// Whether an ICMP error is about a packet of a listed session and goes to who has sent that. Its own source says nothing: a
    /// border on the way, which no list has, says what is too long for it.
    ///
    /// Such an error is first sent on where that packet was to go (RFC 3032 §2.3.2), under a label for its receiver; and from there
    /// back, under a label for its sender.
    /// - Parameter quoted: what the error has of the packet, a whole header without options.
    @_noLocks
    func have(error: UnsafeRawPointer, about quoted: UnsafeRawPointer) -> Bool {
        let sender = source(of: quoted)
        guard isSame(sender, destination(of: error)) else { return false }
        return haveOnTheirWay(quoted)
            || isListed(sender, STILE_SERVICE_SESSIONS_TO)
                && isListed(destination(of: quoted), STILE_SERVICE_SESSIONS_FROM)
    }

    @_noLocks
    private func isListed(_ address: UnsafeRawPointer, _ use: stile_local_service_use) -> Bool {
        var position = 0
        while position < count {
            let entry = first + position
            position &+= 1
            if UInt32(entry.pointee.use) == use.rawValue,
                LocalServices.isCovered(addressAt: address, by: entry, isIPv6: isIPv6)
            {
                return true
            }
        }
        return false
    }

    @_noLocks @inline(__always)
    private func source(of packet: UnsafeRawPointer) -> UnsafeRawPointer { packet + (isIPv6 ? 8 : 12) }

    @_noLocks @inline(__always)
    private func destination(of packet: UnsafeRawPointer) -> UnsafeRawPointer { packet + (isIPv6 ? 24 : 16) }

    @_noLocks @inline(__always)
    private func isSame(_ address: UnsafeRawPointer, _ other: UnsafeRawPointer) -> Bool {
        isIPv6
            ? address.networkUInt128(at: 0) == other.networkUInt128(at: 0)
            : address.networkUInt32(at: 0) == other.networkUInt32(at: 0)
    }
}
