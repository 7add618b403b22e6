import Addressing
import CTableLayout
import ForwardingTables
import Pipeline

/// The data plane's end of the shared memory without any packets behind it: punts what a test gives it and keeps what
/// is injected.
final class FakeDataplane {
    struct Injected: Equatable {
        let kind: UInt16
        let port: UInt16
        let becauseOf: UInt16
        let vrf: UInt16
        let counter: UInt16
        let flags: UInt32
        let data: [UInt8]
    }

    private let segment: DataplaneSegment
    private let control: ControlReader
    private let ring: PuntRing
    private let injected: InjectRing

    init(directory: String) throws {
        segment = try DataplaneSegment(directory: directory, workerCount: 1, counterCount: 1024, startedSeconds: 0)
        control = try ControlReader(directory: directory)
        ring = segment.puntRing(ofWorker: 0, control: control.header)
        injected = segment.injectRing(control: control.header)
    }

    /// What a working data plane does each second.
    func showLife(secondsSince1970: Int) { segment.setHeartbeat(seconds: UInt64(secondsSince1970)) }

    /// Says that a port is up with this Ethernet address.
    func bringUp(port: Int, address: MACAddress) {
        var status = stile_port_status()
        status.state = STILE_PORT_UP.rawValue
        withUnsafeMutableBytes(of: &status.mac) { $0.copyBytes(from: address.octets) }
        segment.setPortStatus(port, to: status)
    }

    /// Says that a port has lost its link.
    func bringDown(port: Int, address: MACAddress) {
        var status = stile_port_status()
        status.state = STILE_PORT_DOWN.rawValue
        withUnsafeMutableBytes(of: &status.mac) { $0.copyBytes(from: address.octets) }
        segment.setPortStatus(port, to: status)
    }

    /// Punts a packet; `isOwn`: one that the box itself says.
    func punt(
        _ puntClass: stile_punt_class, counter: UInt16, vrf: UInt16 = 0, isFrame: Bool, isOwn: Bool = false,
        _ data: [UInt8]
    ) {
        guard let slot = ring.reserve() else { return }
        slot.pointee.length = UInt32(data.count)
        slot.pointee.punt_class = UInt16(puntClass.rawValue)
        slot.pointee.counter = counter
        slot.pointee.vrf = vrf
        slot.pointee.is_frame = isFrame ? 1 : 0
        slot.pointee.is_own = isOwn ? 1 : 0
        let place = UnsafeMutableRawPointer(slot) + PuntRing.dataOffset
        UnsafeMutableRawBufferPointer(start: place, count: data.count).copyBytes(from: data)
        ring.commit()
    }

    /// A worker that has the tables of an epoch in its hands.
    func enterEpoch(_ epoch: UInt64) { stile_store_release_u64(epochWord, epoch) }

    /// A worker between two bursts, that holds nothing.
    func leaveEpoch() { stile_store_release_u64(epochWord, STILE_EPOCH_OFFLINE) }

    private var epochWord: UnsafeMutablePointer<UInt64> {
        UnsafeMutableRawPointer(segment.worker(0)).advanced(by: MemoryLayout<stile_worker>.offset(of: \.epoch) ?? 0)
            .assumingMemoryBound(to: UInt64.self)
    }

    func count(hits: UInt64, of number: UInt32) { segment.accessHits(ofWorker: 0)[Int(number)] += hits }

    func count(drops: Int, _ reason: DropReason, of number: UInt16) {
        for _ in 0..<drops { stile_count_drop(segment.drops(ofWorker: 0) + Int(number), UInt32(reason.rawValue)) }
    }

    func count(packets: UInt64, octets: UInt64, _ colour: stile_colour, ofClass number: UInt32) {
        stile_count_class(segment.classCounters(ofWorker: 0), number, colour.rawValue, packets, octets)
    }

    func count(received packets: UInt64, octets: UInt64, of interface: UInt16) {
        stile_count_rx(segment.counters(ofWorker: 0) + Int(interface), packets, octets)
    }

    func count(kept octets: UInt64, of interface: UInt16) {
        stile_count_rx_kept(segment.drops(ofWorker: 0) + Int(interface), octets)
    }

    func count(own octets: UInt64, of interface: UInt16) {
        stile_count_tx(segment.counters(ofWorker: 0) + Int(interface), 1, octets)
        stile_count_tx_own(segment.drops(ofWorker: 0) + Int(interface), octets)
    }

    /// What has been injected since this was last called.
    func takeInjected() -> [Injected] {
        var taken: [Injected] = []
        while let slot = injected.next() {
            let data = UnsafeRawBufferPointer(
                start: UnsafeRawPointer(slot) + InjectRing.dataOffset, count: Int(slot.pointee.length))
            taken.append(
                Injected(
                    kind: slot.pointee.kind, port: slot.pointee.port, becauseOf: slot.pointee.because_of,
                    vrf: slot.pointee.vrf, counter: slot.pointee.counter, flags: slot.pointee.flags,
                    data: Array(data)))
            injected.release()
        }
        return taken
    }
}
