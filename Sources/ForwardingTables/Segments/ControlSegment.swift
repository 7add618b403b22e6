import CTableLayout
import Glibc

/// The control segment as stiled writes it (layout and protocol: stile_control.h). Holding it is holding the lock on
/// it: a second stiled is refused. Not thread-safe: one thread owns it.
public final class ControlSegment {
    /// Whether a former stiled's segment goes on being used: its generation, its rings.
    public let wasTakenOver: Bool
    /// Why what an earlier program left could not be used, and was replaced since nobody was using it.
    public let replacedLeftover: SegmentError?
    /// For reading; valid while the object lives.
    public var header: UnsafePointer<stile_control_header> { UnsafePointer(writable) }

    private let storage: FileStorage
    private let writable: UnsafeMutablePointer<stile_control_header>

    /// Takes the segment in the runtime directory over in place, or creates it.
    public init(directory: String) throws(SegmentError) {
        let path = "\(directory)/control"
        let possession = try FileStorage.takeOver(
            path: path, otherUser: "\(directory)/dataplane",
            create: { () throws(SegmentError) in
                let storage = try FileStorage.create(path: path, byteCount: Self.byteCount, mode: 0o640)
                guard storage.commit(offset: 0, byteCount: Self.byteCount) else {
                    storage.discard()
                    throw .system(call: "fallocate", path: path, code: ENOSPC)
                }
                Self.initialize(storage.base.assumingMemoryBound(to: stile_control_header.self))
                return storage
            },
            validate: { (storage) throws(SegmentError) in
                try ControlReader.validate(storage)
                return true
            })
        storage = possession.storage
        wasTakenOver = possession.wasTakenOver
        replacedLeftover = possession.replaced
        writable = storage.base.assumingMemoryBound(to: stile_control_header.self)
        writable.pointee.writer_pid = UInt64(getpid())
        writable.pointee.writer_instance &+= 1
    }

    static let byteCount = slotsOffset + Int(STILE_INJECT_SLOTS) * MemoryLayout<stile_inject_slot>.size
    static let slotsOffset = (MemoryLayout<stile_control_header>.size + 4_095) / 4_096 * 4_096

    private static func initialize(_ header: UnsafeMutablePointer<stile_control_header>) {
        header.pointee.layout_version = STILE_LAYOUT_VERSION
        header.pointee.header_bytes = UInt32(MemoryLayout<stile_control_header>.size)
        header.pointee.total_bytes = UInt64(byteCount)
        header.pointee.inject_offset = UInt64(slotsOffset)
        header.pointee.inject_slots = UInt32(STILE_INJECT_SLOTS)
        header.pointee.writer_epoch.value = 1
        header.pointee.magic = STILE_CONTROL_MAGIC
    }

    /// The generation that the data plane is told to use; 0: none yet.
    public var currentGeneration: UInt64 { writable.pointee.current_generation.value }

    /// Where the current generation's file is; `nil` when there is none.
    public var currentTablesPath: String? {
        currentGeneration == 0 ? nil : ControlReader.tablesPath(writable, ofGeneration: currentGeneration)
    }

    /// Makes a generation, completely filled, the current one. The former one's file is to be deleted when
    /// `DataplaneReader.generationInUse` says so. Generations go up by one, so that the data plane finds the path of
    /// the one it was told of.
    public func publish(generation: UInt64, tablesPath: String) throws(SegmentError) {
        var path = Array(tablesPath.utf8)
        guard path.count < 256 else { throw .pathTooLong(path: tablesPath) }
        path += Array(repeating: 0, count: 256 - path.count)
        withUnsafeMutableBytes(of: &writable.pointee.tables_path) { paths in
            let start = Int(generation & 1) * 256
            for (index, octet) in path.enumerated() { paths[start + index] = octet }
        }
        withUnsafeMutablePointer(to: &writable.pointee.current_generation.value) {
            stile_store_release_u64($0, generation)
        }
    }

    /// Raises the writer's epoch after something has been made unreachable, and returns it: see `ReclamationQueue`.
    public func advanceEpoch() -> UInt64 {
        let epoch = writable.pointee.writer_epoch.value + 1
        stile_fence()
        withUnsafeMutablePointer(to: &writable.pointee.writer_epoch.value) { stile_store_release_u64($0, epoch) }
        stile_fence()
        return epoch
    }

    /// Shows that stiled works: seconds since 1970, once a second.
    public func setHeartbeat(seconds: UInt64) {
        withUnsafeMutablePointer(to: &writable.pointee.heartbeat.value) { stile_store_release_u64($0, seconds) }
    }

    /// Limits per worker: packets per second and interface, for each `stile_punt_class` and, last, for what known
    /// neighbors say of themselves (missing ones: 0); of all interfaces in the classes that anybody can provoke; and
    /// ICMP errors per second and interface.
    public func setRates(punt: [UInt32], puntSum: UInt32, icmp: UInt32) {
        withUnsafeMutableBytes(of: &writable.pointee.punt_rate) { rates in
            for index in 0...Int(STILE_PUNT_CLASSES.rawValue) {
                rates.storeBytes(of: index < punt.count ? punt[index] : 0, toByteOffset: index * 4, as: UInt32.self)
            }
        }
        writable.pointee.punt_sum_rate = puntSum
        writable.pointee.icmp_rate = icmp
    }

    /// Hands a frame to the data plane, which leaves by the port as it is and counts on the interface. `consumer` is
    /// `DataplaneReader.injectConsumer`. `false`: the ring is full, or the frame is longer than a slot.
    public func transmit(
        _ frame: UnsafeRawBufferPointer, port: UInt16, counter: UInt16, consumer: UInt64
    ) -> Bool {
        inject(STILE_INJECT_TRANSMIT, place: port, vrf: 0, counter: counter, flags: 0, data: frame, consumer: consumer)
    }

    /// Hands an IP packet to the data plane, for the lookup in a VRF; otherwise as `transmit`.
    ///
    /// - Parameters:
    ///   - becauseOf: the number of the interface where the packet, or what it answers, came in; 0: none.
    ///   - nni: of an answer the number of the NNI that it may go back by without transit; 0: none.
    ///   - flags: `stile_inject_flags`.
    public func forward(
        _ packet: UnsafeRawBufferPointer, vrf: UInt16, becauseOf: UInt16, nni: UInt16, flags: UInt32, consumer: UInt64
    ) -> Bool {
        inject(
            STILE_INJECT_FORWARD, place: becauseOf, vrf: vrf, counter: nni, flags: flags, data: packet,
            consumer: consumer)
    }

    /// `place`: the port or, of a FORWARD, `because_of`.
    private func inject(
        _ kind: stile_inject_kind, place: UInt16, vrf: UInt16, counter: UInt16, flags: UInt32,
        data: UnsafeRawBufferPointer, consumer: UInt64
    ) -> Bool {
        let producer = writable.pointee.inject_producer.value
        guard producer &- consumer < UInt64(STILE_INJECT_SLOTS), data.count <= InjectRing.dataCapacity else {
            return false
        }
        let slot =
            storage.base + Self.slotsOffset
            + Int(producer % UInt64(STILE_INJECT_SLOTS)) * MemoryLayout<stile_inject_slot>.size
        slot.storeBytes(of: UInt32(data.count), as: UInt32.self)
        slot.storeBytes(of: UInt16(kind.rawValue), toByteOffset: 4, as: UInt16.self)
        slot.storeBytes(of: place, toByteOffset: 6, as: UInt16.self)
        slot.storeBytes(of: vrf, toByteOffset: 8, as: UInt16.self)
        slot.storeBytes(of: counter, toByteOffset: 10, as: UInt16.self)
        slot.storeBytes(of: flags, toByteOffset: 12, as: UInt32.self)
        UnsafeMutableRawBufferPointer(start: slot + InjectRing.dataOffset, count: data.count).copyMemory(from: data)
        withUnsafeMutablePointer(to: &writable.pointee.inject_producer.value) {
            stile_store_release_u64($0, producer &+ 1)
        }
        return true
    }

    /// How far a worker's punt ring has been read.
    func puntConsumer(ofWorker worker: Int) -> UnsafeMutablePointer<UInt64> {
        UnsafeMutablePointer(mutating: stile_punt_consumer(writable, UInt32(worker)))
    }

    /// How far a worker's flow ring has been read.
    func flowConsumer(ofWorker worker: Int) -> UnsafeMutablePointer<UInt64> {
        UnsafeMutablePointer(mutating: stile_flow_consumer(writable, UInt32(worker)))
    }

    /// How far a worker's log ring has been read.
    func accessLogConsumer(ofWorker worker: Int) -> UnsafeMutablePointer<UInt64> {
        UnsafeMutablePointer(mutating: stile_access_log_consumer(writable, UInt32(worker)))
    }
}
