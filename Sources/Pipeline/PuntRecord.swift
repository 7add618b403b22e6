/// What the control process is told of a punted packet; the fields of `stile_punt_slot`.
public struct PuntRecord {
    public let puntClass: PuntClass
    /// Start of the Ethernet header or, where `puntClass.isFrame` is false, of the IP header.
    public let data: UnsafeRawPointer
    public let length: UInt16
    public let port: UInt16
    /// Counters of the interface that it came in on, or that came in on what it is an answer to.
    public let counter: UInt16
    public let vrf: UInt16
    /// Whether the box itself says it.
    public let isOwn: Bool
}

extension Burst {
    /// The record of packet `index`; `nil` if its verdict is another than punt.
    @_noLocks
    public func puntRecord(_ index: Int) -> PuntRecord? {
        guard case .punt(let puntClass) = verdict[index] else { return nil }
        return PuntRecord(
            puntClass: puntClass, data: UnsafeRawPointer(puntClass.isFrame ? frame[index] : packet[index]),
            length: puntClass.isFrame ? frameLength[index] : packetLength[index], port: port[index],
            counter: counter[index], vrf: vrf[index], isOwn: flags[index].contains(.saidByTheBox))
    }
}
