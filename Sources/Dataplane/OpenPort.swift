import CDPDKShim

/// A port whose device is running.
struct OpenPort {
    var definition: PortDefinition
    /// DPDK's number of the device.
    var device: UInt16
    var rxQueues: Int
    var txQueues: Int
    var mtu: UInt16
    var mac: [UInt8]
    var driver: String
    /// Whether the device hashes flows over its receive queues.
    var spreadsFlows: Bool
    /// Whether what leaves may be in several pieces.
    var takesPieces: Bool
    /// The kernel's number of the interface below, where there is one.
    var kernelIndex: UInt32?
    /// Where its received frames come from.
    var pool: OpaquePointer?

    /// Why a device could not be opened, in the words that `show ports` repeats.
    struct Failure: Error, Equatable {
        var text: String
    }

    /// Frames of this port that may wait in other ports' transmit queues, beside its own descriptors.
    private static let waitingFrames = 1024
    /// A worker's cache in the pool (256, and half as much again before DPDK flushes it) and a burst in its hands.
    private static let framesPerWorker = 512
    /// Rings to other workers that may be full of the port's frames. When more of them are, all workers are overloaded,
    /// and it is well that the device drops.
    private static let fullRings = 2

    /// Probes, configures and starts the device.
    ///
    /// - Parameters:
    ///   - poolName: unique in this process, at most 25 characters.
    ///   - workerCount: how many workers may transmit; the device may have fewer queues.
    init(_ definition: PortDefinition, poolName: String, workerCount: Int) throws(Failure) {
        var request = stile_port_request()
        request.mtu = definition.mtu
        request.rx_queues = definition.rxQueues
        request.tx_queues = UInt16(clamping: workerCount)
        request.rx_descriptors = definition.rxDescriptors
        request.tx_descriptors = definition.txDescriptors
        let ringFrames = min(workerCount - 1, Self.fullRings) * Int(SpreadRings.slots)
        request.spare_frames = UInt16(
            clamping: Self.waitingFrames + workerCount * Self.framesPerWorker + ringFrames)
        withUnsafeMutableBytes(of: &request.mac) { $0.copyBytes(from: definition.mac.prefix(6)) }
        var opened = stile_port_opened()
        let code = definition.device.withCString { device in
            poolName.withCString { pool in
                request.device = device
                request.pool_name = pool
                return stile_port_open(&request, &opened)
            }
        }
        guard code == 0 else { throw Failure(text: String(fixed: opened.error)) }
        self.definition = definition
        device = opened.device
        rxQueues = Int(opened.rx_queues)
        txQueues = Int(opened.tx_queues)
        mtu = opened.mtu
        mac = withUnsafeBytes(of: opened.mac) { Array($0) }
        driver = String(fixed: opened.driver)
        spreadsFlows = opened.spreads != 0
        takesPieces = opened.takes_pieces != 0
        kernelIndex = KernelDevice(device: definition.device)?.index
        pool = opened.pool
    }

    /// What it was opened by. Where the tables name the address that the device has anyway (stiled writes down what it
    /// learnt), that is no difference and the port stays open.
    func definition(against wanted: PortDefinition?) -> PortDefinition {
        guard let wanted, wanted.mac == mac else { return definition }
        var settled = definition
        settled.mac = wanted.mac
        return settled
    }

    /// What the log says of it.
    var summary: String {
        let queues =
            "\(rxQueues) receive and \(txQueues) transmit queues\(spreadsFlows ? ", flows spread by hash" : "")"
        let address = mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
        return "\(driver), \(queues), MTU \(mtu), \(address)"
    }

    /// Stops the device, which no worker uses any more. Its pool stays: frames of it may wait elsewhere.
    func close() { stile_port_close(device) }

    /// Whether the interface below is gone, or is another one of the same name: nothing comes by this device any more.
    var hasLostDevice: Bool {
        guard let kernelIndex else { return false }
        return KernelDevice(device: definition.device)?.index != kernelIndex
    }

    /// Whether the device has a link, and its speed in Mbit/s (0: unknown).
    func link() -> (isUp: Bool, speedMbps: UInt32)? {
        var link = stile_port_link()
        guard stile_port_link(device, &link) == 0 else { return nil }
        return (link.is_up != 0, link.speed_mbps)
    }

    /// The device's own counts.
    func statistics() -> stile_port_statistics? {
        var statistics = stile_port_statistics()
        return stile_port_statistics(device, &statistics) == 0 ? statistics : nil
    }
}
