import CDPDKLookup
import CTableLayout
import Pipeline

/// Times the l3fwd loop over rte_lpm and rte_fib with the frames of a pipeline case. It does less than the product: no
/// interface and VRF of a frame, no label, no address rules, no counters, one table.
struct L3ForwardingMeasurement {
    enum Failure: Error, CustomStringConvertible {
        case noDPDK
        case packetsDiffer(loop: String, packet: Int)

        var description: String {
            switch self {
            case .noDPDK: "DPDK's environment did not start"
            case .packetsDiffer(let loop, let packet):
                "\(loop): packet \(packet) is not the one that the product makes, or has another next hop"
            }
        }
    }

    let box: Box
    let pool: FramePool
    let seconds: Double
    let cyclesPerSecond: Double

    /// rte_lpm searches its rules one by one when it adds one: a million would take hours.
    private static let mostLPMRoutes = 20_000

    /// Medians in TSC cycles a packet by the loop's name; empty where the loop cannot forward what the case consists of:
    /// anything but untagged IPv4 packets of one VRF that all have a route.
    func run(_ frames: FrameStore, _ routes: [Route]) throws -> [String: Double] {
        let store = frames.trim(toMultipleOf: FramePool.batch)
        let hops = (routes.map(\.nextHop).max() ?? 0) + 1
        guard box.plan.firstVLAN == nil, routes.allSatisfy({ $0.prefix.family == .ipv4 }),
            hops < Int(DPDK_L3FWD_PORTS), let expected = expected(store)
        else { return [:] }
        guard DPDKEnvironment.start(onHugepages: box.isOnHugepages) else { throw Failure.noDPDK }
        let kinds = routes.count <= Self.mostLPMRoutes ? [DPDK_LPM, DPDK_FIB] : [DPDK_FIB]
        let loops = kinds.compactMap { kind -> L3Forwarding? in
            guard let table = DPDKTable(kind, number: 0, routes: routes.count) else { return nil }
            for route in routes where !table.add(route) { return nil }
            return L3Forwarding(table, plan: box.plan)
        }
        for loop in loops { try compare(loop, store, expected) }
        return measure(loops, store)
    }

    private func measure(_ loops: [L3Forwarding], _ store: FrameStore) -> [String: Double] {
        var figures = Array(repeating: Distribution(), count: loops.count)
        let batches = store.count / FramePool.batch
        var cycles = 0.0
        var turn = 0
        while cycles < seconds * cyclesPerSecond || turn < batches {
            for (number, loop) in loops.enumerated() {
                // Apart from each other in the store, so that none finds what the other has just fetched.
                let batch = (turn + number * batches / loops.count) % batches
                pool.receive(from: store, first: batch * FramePool.batch)
                for first in stride(from: 0, to: FramePool.batch, by: Burst.capacity) {
                    loop.take(from: pool, first: first)
                    let taken = Double(loop.process())
                    cycles += taken
                    figures[number].add(taken / Double(Burst.capacity))
                }
            }
            turn += 1
            if loops.isEmpty { break }
        }
        return Dictionary(uniqueKeysWithValues: zip(loops.map(\.name), figures.map { rounded($0.median) }))
    }

    /// What the product makes of the first batch: each packet's next hop, and its octets behind the label; `nil` when
    /// the product does not forward all of them, or not all are IPv4.
    private func expected(_ store: FrameStore) -> [(hop: Int, packet: [UInt8])]? {
        let side = SwiftSide(tables: box.reader, counterCount: PortPlan.counterCount(vrfs: box.vrfs))
        var packets: [(hop: Int, packet: [UInt8])] = []
        pool.receive(from: store, first: 0)
        for first in stride(from: 0, to: FramePool.batch, by: Burst.capacity) {
            side.take(from: pool, first: first, store: store, storeFirst: first, port: PortPlan.circuits)
            _ = side.process()
            let departures = side.departures()
            guard departures.others == 0 else { return nil }
            for frame in departures.frames {
                // The port's number, the Ethernet header and the label stack entry are in front of the packet.
                guard frame.count >= 39, frame[19] >> 4 == 4 else { return nil }
                let label = UInt32(frame[15]) << 12 | UInt32(frame[16]) << 4 | UInt32(frame[17]) >> 4
                guard let hop = box.hop(ofVRF: 1, label: label) else { return nil }
                packets.append((hop, Self.withoutPadding(Array(frame[19...]))))
            }
        }
        return packets
    }

    private func compare(_ loop: L3Forwarding, _ store: FrameStore, _ expected: [(hop: Int, packet: [UInt8])]) throws {
        pool.receive(from: store, first: 0)
        for first in stride(from: 0, to: FramePool.batch, by: Burst.capacity) {
            loop.take(from: pool, first: first)
            _ = loop.process()
            for index in 0..<Burst.capacity {
                let made = loop.departure(index, bytes: Int(store.lengths[first + index]))
                let wanted = expected[first + index]
                guard made.hop == wanted.hop, Self.withoutPadding(made.packet) == wanted.packet else {
                    throw Failure.packetsDiffer(loop: loop.name, packet: first + index)
                }
            }
        }
    }

    /// An IPv4 packet as long as its header says.
    private static func withoutPadding(_ packet: [UInt8]) -> [UInt8] {
        guard packet.count >= 20 else { return packet }
        return Array(packet.prefix(Int(packet[2]) << 8 | Int(packet[3])))
    }
}
