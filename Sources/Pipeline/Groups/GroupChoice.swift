import CTableLayout
import ForwardingTables
import PacketFormats

/// Which member of a group a packet takes whose route has one: that of the bucket into which its flow falls, among the members
/// that packets from where it came may use. All packets of a flow take the same, and all fragments of a packet.
///
/// A group has no adjacency, so its packets are left over by the common departure. Those of a burst get their members here and
/// go there again: where there is no group, nobody asks.
enum GroupChoice {
    @_noLocks @inline(never)
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let tables = worker.pointee.tables
        let count = worker.pointee.routedCount
        var hasChosen = false
        var position = 0
        while position < count {
            let index = Int(burst.routed[position])
            position &+= 1
            guard burst.nextHop[index].isGroup else { continue }
            WayOut(number: member(of: burst.nextHop[index], index, worker), tables).take(index, burst, tables)
            hasChosen = true
        }
        if hasChosen, worker.pointee.usesCommonPath { CommonDeparture.run(worker) }
    }

    /// The number of the next hop that packet `index` takes of a group.
    @_noLocks
    static func member(
        of group: NextHop, _ index: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> UInt32 {
        let burst = worker.pointee.burst
        if burst.flags[index].contains(.madeByTheBox), burst.answeredNNI[index] != 0 {
            let number = member(of: group, answering: burst.answeredNNI[index], worker.pointee.tables)
            if number != 0 { return number }
        }
        return worker.pointee.tables.member(
            of: group, origin: origin(of: index, worker), bucket: bucket(of: index, worker))
    }

    /// The bucket of packet `index`.
    @_noLocks @inline(__always)
    static func bucket(of index: Int, _ worker: UnsafeMutablePointer<WorkerState>) -> UInt32 {
        let burst = worker.pointee.burst
        let hash = FlowHash(
            of: burst.packet[index], isIPv6: burst.flags[index].contains(.isIPv6),
            bytes: Int(burst.packetLength[index]))
        return hash.bucket(seed: stile_hash_seed(worker.pointee.tables.header))
    }

    /// By which rule of Departure packet `index` may not leave by every member.
    @_noLocks @inline(__always)
    static func origin(of index: Int, _ worker: UnsafeMutablePointer<WorkerState>) -> stile_group_origin {
        let burst = worker.pointee.burst
        if Departure.mayLeaveLabelled(burst.flags[index]) { return STILE_GROUP_ANY }
        return Departure.cameFromCore(index, worker.pointee.tables.interfaces, burst)
            ? STILE_GROUP_CORE : STILE_GROUP_NNI
    }

    /// The first member by the NNI with these counters that leads out: what the box says because of an NNI's packet may go back
    /// there, and by no other NNI. 0: there is none.
    @_noLocks @inline(never)
    private static func member(of group: NextHop, answering nni: UInt16, _ tables: TablesReader) -> UInt32 {
        var position: UInt32 = 0
        while true {
            let number = tables.member(of: group, at: position)
            guard number != 0 else { return 0 }
            let wayOut = WayOut(number: number, tables)
            if wayOut.leadsOut, tables.interfaces[Int(wayOut.nextHop.interface)].nni_counter == nni { return number }
            position &+= 1
        }
    }
}
