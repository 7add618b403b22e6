import CTableLayout
import ForwardingTables
import PacketFormats

/// DSCPs (RFC 2474) and the traffic classes of labels (RFC 5462, formerly EXP).
enum Marking {
    @_noLocks @inline(__always)
    static func dscp(of packet: UnsafeMutableRawPointer, isIPv6: Bool) -> UInt8 {
        (isIPv6 ? IPv6Header(packet).trafficClassOctet : IPv4Header(packet).trafficClassOctet) >> 2
    }

    /// The class of the label that the packet came in with: its entry still stands in front of the packet.
    @_noLocks @inline(__always)
    static func receivedTrafficClass(at packet: UnsafeMutableRawPointer) -> UInt8 {
        (UnsafeRawPointer(packet) - 2).load(as: UInt8.self) >> 1 & 7
    }

    @_noLocks @inline(__always)
    static func setDSCP(_ codePoint: UInt8, _ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        // A key that was gathered before has the old code point.
        worker.pointee.keyed &= ~(1 &<< UInt64(truncatingIfNeeded: index))
        if burst.flags[index].contains(.isIPv6) {
            IPv6Header.setDSCP(codePoint, of: burst.packet[index])
        } else {
            IPv4Header.setDSCP(codePoint, of: burst.packet[index])
        }
    }

    /// The class that the label gets which the packet leaves with, if it leaves with one.
    @_noLocks @inline(__always)
    static func setTrafficClass(_ trafficClass: UInt8, _ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        burst.trafficClass[index] = trafficClass & 7
        burst.flags[index] = burst.flags[index].with(.hasTrafficClass)
    }

    /// RFC 3270 §2.6.2, the uniform model: what was marked under way holds behind the tunnel, too. A label has three
    /// bits for it, which stand for the class selectors (RFC 2474 §4.2.2).
    @_noLocks @inline(__always)
    static func takeReceivedTrafficClass(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let packet = burst.packet[index]
        let trafficClass = receivedTrafficClass(at: packet)
        // The class selector of a DSCP that agrees already is left with its drop precedence.
        guard dscp(of: packet, isIPv6: burst.flags[index].contains(.isIPv6)) >> 3 != trafficClass else { return }
        setDSCP(trafficClass << 3, index, worker)
    }

    /// Whether a class of a policy writes anything into its packets.
    @_noLocks @inline(__always)
    static func marks(_ policyClass: UnsafePointer<stile_policy_class>) -> Bool {
        let unmarked = UInt8(STILE_UNMARKED)
        return policyClass.pointee.dscp != unmarked || policyClass.pointee.traffic_class != unmarked
            || policyClass.pointee.dscp_table != 0 || policyClass.pointee.traffic_class_table != 0
    }

    /// What a class of a policy writes into its packets.
    @_noLocks @inline(__always)
    static func mark(
        _ index: Int, by policyClass: UnsafePointer<stile_policy_class>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let tables = worker.pointee.tables
        let unmarked = UInt8(STILE_UNMARKED)
        if policyClass.pointee.dscp != unmarked { setDSCP(policyClass.pointee.dscp & 63, index, worker) }
        if policyClass.pointee.traffic_class != unmarked {
            setTrafficClass(policyClass.pointee.traffic_class, index, worker)
        }
        if policyClass.pointee.dscp_table != 0, worker.pointee.cameByLabel(index) {
            let table = UnsafeRawPointer(tables.tableMaps + Int(policyClass.pointee.dscp_table))
            let value = table.load(fromByteOffset: Int(receivedTrafficClass(at: burst.packet[index])), as: UInt8.self)
            if value != unmarked { setDSCP(value & 63, index, worker) }
        }
        if policyClass.pointee.traffic_class_table != 0 {
            let table = UnsafeRawPointer(tables.tableMaps + Int(policyClass.pointee.traffic_class_table))
            let dscp = dscp(of: burst.packet[index], isIPv6: burst.flags[index].contains(.isIPv6))
            let value = table.load(fromByteOffset: Int(dscp), as: UInt8.self)
            if value != unmarked { setTrafficClass(value, index, worker) }
        }
    }
}
