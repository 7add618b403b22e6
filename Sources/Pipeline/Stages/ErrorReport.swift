import CTableLayout
import ForwardingTables
import PacketFormats

/// ICMP errors, made in place of the packets that were dropped. They have their own way through the lookup in the VRF
/// that the packets came in by, and leave as packets that the box made; about a packet whose label is swapped they go where
/// that would have gone.
enum ErrorReport {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let count = worker.pointee.reportedCount
        worker.pointee.reportedCount = 0
        var position = 0
        while position < count {
            let index = Int(burst.reported[position])
            position &+= 1
            guard isDue(index, worker) else { continue }
            guard !worker.pointee.isSwapped(index) else {
                SwapError.send(index, worker)
                continue
            }
            let interface = worker.pointee.tables.interfaces + Int(burst.interface[index])
            let isMade =
                burst.flags[index].contains(.isIPv6)
                ? ICMPv6Error.make(index, from: interface, worker)
                : ICMPv4Error.make(index, from: interface, worker)
            guard isMade else { continue }
            // It goes back where the packet came from, whatever VRF a route map gave the packet to.
            burst.vrf[index] = interface.pointee.vrf
            let isIPv6 = burst.flags[index].contains(.isIPv6)
            burst.flags[index] = flags(of: index, from: interface, worker)
            Lookup.enqueue(index, burst.packet[index], vrf: burst.vrf[index], isIPv6: isIPv6, burst, worker)
        }
    }

    /// The error is the box's own, but carries what the packet brought: about one that came in by an NNI it leaves by
    /// that NNI, a circuit or into the core, and by another NNI only where its VRF has transit; about one from the core by any.
    @_noLocks
    private static func flags(
        of index: Int, from interface: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> PacketFlags {
        let burst = worker.pointee.burst
        let old = burst.flags[index]
        let flags = old.contains(.isIPv6) ? PacketFlags.saidByTheBox.with(.isIPv6) : .saidByTheBox
        guard old.contains(.cameLabelled), !Departure.isOfCore(interface) else {
            burst.answeredNNI[index] = 0
            return flags
        }
        burst.answeredNNI[index] = interface.pointee.nni_counter
        return worker.pointee.tables.allowsTransit(vrf: interface.pointee.vrf)
            ? flags.with(.cameLabelled).with(.mayTransit) : flags.with(.cameLabelled)
    }

    /// RFC 1812 §4.3.2.7 and RFC 4443 §2.4(e): no error about an error, a packet that no error can reach, or a later
    /// fragment; then the rate (RFC 1812 §4.3.2.8, RFC 4443 §2.4(f)).
    @_noLocks
    private static func isDue(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) -> Bool {
        let burst = worker.pointee.burst
        let packet = UnsafeRawPointer(burst.packet[index])
        let bytes = Int(burst.packetLength[index])
        if burst.flags[index].contains(.isIPv6) {
            let header = IPv6Header(packet)
            guard case .none = AddressRules.refusal(source: header.source, destination: header.destination) else {
                return false
            }
            let upper = IPv6UpperLayer(of: packet, packetBytes: bytes)
            guard upper.isComplete, !upper.isNonInitialFragment else { return false }
            if upper.protocolNumber == IPProtocol.icmpv6 {
                guard upper.offset < bytes, !ICMPv6Type.isErrorOrRedirect(packet.octet(at: upper.offset)) else {
                    return false
                }
            }
        } else {
            let header = IPv4Header(packet)
            guard case .none = AddressRules.refusal(source: header.source, destination: header.destination),
                !header.isNonInitialFragment
            else { return false }
            if header.protocolNumber == IPProtocol.icmp {
                guard header.headerBytes < bytes, !ICMPType.isError(packet.octet(at: header.headerBytes)) else {
                    return false
                }
            }
        }
        return worker.pointee.icmpBuckets.take(
            worker.pointee.icmpRate, counter: burst.counter[index], at: worker.pointee.cycles)
    }
}
