import CTableLayout
import PacketFormats

/// The box's own services on an interface. On an NNI or core interface they are the only unlabelled IP that is accepted; on a
/// circuit BGP with the customer's neighbor is one, and whatever else is for the box goes to it as IP. On a core interface
/// with a device on the host they include the routing protocols that the routing engine there speaks.
enum LocalServices {
    @_noLocks
    static func accept(
        _ index: Int, _ interface: UnsafePointer<stile_interface>, isOurs: Bool,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        guard isOurs else {
            worker.pointee.drop(index, .notForThisMAC)
            return
        }
        if let puntClass = puntClass(of: index, on: interface, worker) {
            worker.pointee.punt(index, puntClass)
        } else {
            worker.pointee.drop(index, Departure.isOfCore(interface) ? .unlabelledFromCore : .unlabelledOnNNI)
        }
    }

    /// The class of the interface's service that a packet is for; `nil` if it is for none.
    @_noLocks
    static func puntClass(
        of index: Int, on interface: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> PuntClass? {
        let burst = worker.pointee.burst
        let packet = UnsafeRawPointer(burst.packet[index])
        let bytes = Int(burst.packetLength[index])
        let services = worker.pointee.tables.localServices + Int(interface.pointee.local_first)
        let count = Int(interface.pointee.local_count)
        var position = 0
        while position < count {
            let service = services + position
            if UInt32(service.pointee.use) < STILE_SERVICE_SESSIONS_TO.rawValue,
                matches(service, packet, bytes: bytes, isIPv6: burst.flags[index].contains(.isIPv6))
            {
                return PuntClass.named(by: service.pointee.punt_class)
            }
            position &+= 1
        }
        return nil
    }

    /// Octets of a TCP header up to and with its flags (RFC 9293 §3.1), of which a segment that opens no connection has
    /// ACK or RST: as `established` in access lists. A peer that has forgotten the connection says RST alone.
    private static var tcpFlagsEnd: Int { @_noLocks @inline(__always) get { 14 } }
    private static var tcpResetOrAcknowledgment: UInt8 { @_noLocks @inline(__always) get { 0x14 } }

    /// Whether a TCP segment of so many octets opens no connection.
    @_noLocks @inline(__always)
    static func belongsToConnection(_ segment: UnsafeRawPointer, bytes: Int) -> Bool {
        bytes >= tcpFlagsEnd && segment.octet(at: tcpFlagsEnd &- 1) & tcpResetOrAcknowledgment != 0
    }

    /// Fragments after the first have no ports to compare and match nothing.
    @_noLocks
    private static func matches(
        _ service: UnsafePointer<stile_local_service>, _ packet: UnsafeRawPointer, bytes: Int, isIPv6: Bool
    ) -> Bool {
        guard isSent(packet, to: service, isIPv6: isIPv6), isSent(packet, from: service, isIPv6: isIPv6) else {
            return false
        }
        var payloadOffset: Int
        var payloadProtocol: UInt8
        let isFragment: Bool
        if isIPv6 {
            let upper = IPv6UpperLayer(of: packet, packetBytes: bytes)
            guard upper.isComplete, !upper.isNonInitialFragment else { return false }
            payloadOffset = upper.offset
            payloadProtocol = upper.protocolNumber
            isFragment = upper.fragmentField != 0
        } else {
            let header = IPv4Header(packet)
            guard !header.isNonInitialFragment else { return false }
            payloadOffset = header.headerBytes
            payloadProtocol = header.protocolNumber
            isFragment = header.flagsAndFragmentOffset & IPv4Header.moreFragments != 0
        }
        guard payloadProtocol == service.pointee.protocol, payloadOffset &+ 4 <= bytes else { return false }
        let payload = packet + payloadOffset
        switch payloadProtocol {
        case IPProtocol.tcp, IPProtocol.udp:
            if service.pointee.use == UInt8(STILE_SERVICE_ESTABLISHED.rawValue) {
                guard !isFragment, belongsToConnection(payload, bytes: bytes &- payloadOffset) else { return false }
            }
            let ports = TransportPorts(payload)
            return (service.pointee.local_port == 0 || service.pointee.local_port == ports.destination)
                && (service.pointee.remote_port == 0 || service.pointee.remote_port == ports.source)
        case IPProtocol.icmp, IPProtocol.icmpv6:
            return payload.octet(at: 0) == service.pointee.icmp_type
        default:
            return true
        }
    }

    /// Whether a packet is sent to the address that a service is on.
    @_noLocks @inline(__always)
    static func isSent(
        _ packet: UnsafeRawPointer, to service: UnsafePointer<stile_local_service>, isIPv6: Bool
    ) -> Bool {
        let local = UnsafeRawPointer(service) + 8
        guard isIPv6 else {
            return service.pointee.family == 4 && packet.networkUInt32(at: 16) == local.networkUInt32(at: 0)
        }
        return service.pointee.family == 6 && packet.networkUInt128(at: 24) == local.networkUInt128(at: 0)
    }

    /// Whether a packet of a service's family is from one whose packets the service takes. Without a number of bits,
    /// address 0 stands for everybody and another one for itself alone; with one, 0 is a prefix such as ::/1.
    @_noLocks @inline(__always)
    static func isSent(
        _ packet: UnsafeRawPointer, from service: UnsafePointer<stile_local_service>, isIPv6: Bool
    ) -> Bool {
        isIPv6
            ? isCovered(packet.networkUInt128(at: 8), by: service)
            : isCovered(packet.networkUInt32(at: 12), by: service)
    }

    /// The same of an address in network byte order, and of its family.
    @_noLocks @inline(__always)
    static func isCovered(
        addressAt address: UnsafeRawPointer, by service: UnsafePointer<stile_local_service>, isIPv6: Bool
    ) -> Bool {
        guard service.pointee.family == (isIPv6 ? 6 : 4) else { return false }
        return isIPv6
            ? isCovered(address.networkUInt128(at: 0), by: service)
            : isCovered(address.networkUInt32(at: 0), by: service)
    }

    @_noLocks @inline(__always)
    private static func isCovered(_ address: UInt32, by service: UnsafePointer<stile_local_service>) -> Bool {
        let peer = (UnsafeRawPointer(service) + 24).networkUInt32(at: 0)
        let bits = UInt32(min(service.pointee.remote_bits, 32))
        let others: UInt32 = bits == 0 ? 0 : 32 &- bits
        guard peer != 0 || bits != 0 else { return true }
        return (peer ^ address) >> others == 0
    }

    @_noLocks @inline(__always)
    private static func isCovered(_ address: UInt128, by service: UnsafePointer<stile_local_service>) -> Bool {
        let peer = (UnsafeRawPointer(service) + 24).networkUInt128(at: 0)
        let bits = UInt128(min(service.pointee.remote_bits, 128))
        let others: UInt128 = bits == 0 ? 0 : 128 &- bits
        guard peer != 0 || bits != 0 else { return true }
        return (peer ^ address) >> others == 0
    }
}
