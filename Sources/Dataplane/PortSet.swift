import CDPDKShim
import CTableLayout
import ForwardingTables
import Logging

/// The ports that are open, those that could not be opened and when they are tried again, and what is published of
/// them. Used by the main thread alone.
final class PortSet {
    private(set) var opened: [Int: OpenPort] = [:]
    private var failed: [Int: FailedPort] = [:]
    /// What `show ports` reads, by port number.
    private var status = [stile_port_status](repeating: stile_port_status(), count: Int(STILE_MAX_PORTS))
    /// Pools of closed ports whose frames may still wait in other ports' queues.
    private var retiredPools: [RetiredPool] = []
    private var poolNumber = 0
    private let segment: DataplaneSegment
    private let logger: Logger

    private struct RetiredPool {
        let pool: OpaquePointer
        /// Whether all its frames were there at the last look.
        var wasIdle = false
    }

    /// A port that could not be opened: its device may come later.
    private struct FailedPort {
        var definition: PortDefinition
        var error: String
        var nextAttempt: UInt64
        var delaySeconds: UInt64
        /// Of the interface below when it was tried.
        var kernelIndex: UInt32?
    }
    private static let firstRetrySeconds: UInt64 = 2
    private static let longestRetrySeconds: UInt64 = 60

    init(segment: DataplaneSegment, logger: Logger) {
        self.segment = segment
        self.logger = logger
        for number in status.indices { segment.setPortStatus(number, to: status[number]) }
    }

    /// What is to be done now. A port whose device has gone is closed and opened anew. One that failed is left alone until
    /// its time has come, its definition changes or its device appears.
    ///
    /// - Parameter now: seconds of a clock that only goes forward.
    func changes(to wanted: [Int: PortDefinition], now: UInt64) -> PortChanges {
        let current = opened.map { number, port in (number, port.definition(against: wanted[number])) }
        var changes = PortChanges(from: Dictionary(uniqueKeysWithValues: current), to: wanted)
        for (number, port) in opened where port.hasLostDevice {
            changes.reopen(number, isWanted: wanted[number]?.isEnabled == true)
        }
        changes.open.removeAll { number in
            guard let failure = failed[number] else { return false }
            return failure.definition == wanted[number] && now < failure.nextAttempt
                && KernelDevice(device: failure.definition.device)?.index == failure.kernelIndex
        }
        return changes
    }

    /// Takes ports out of the set; the workers must change over before `close` is called with what is returned.
    func detach(_ numbers: [Int], wanted: [Int: PortDefinition]) -> [OpenPort] {
        numbers.compactMap { number in
            let port = opened.removeValue(forKey: number)
            publishClosed(number, isConfigured: wanted[number] != nil)
            return port
        }
    }

    func close(_ ports: [OpenPort]) {
        for port in ports {
            port.close()
            if let pool = port.pool { retiredPools.append(RetiredPool(pool: pool)) }
            logger.info("port \(port.definition.name): closed")
        }
    }

    /// Opens a port; returns whether it is open now. A failure is published and logged, and the others go on.
    func open(_ number: Int, _ definition: PortDefinition, workerCount: Int, now: UInt64) -> Bool {
        poolNumber += 1
        do {
            let port = try OpenPort(
                definition, poolName: "stile_port_\(number)_\(poolNumber)", workerCount: workerCount)
            opened[number] = port
            failed[number] = nil
            publishOpen(number, port)
            logger.info("port \(definition.name): open, \(port.summary)")
            return true
        } catch {
            let known = failed[number].flatMap { $0.definition == definition ? $0 : nil }
            let delay = min(known.map { $0.delaySeconds * 2 } ?? Self.firstRetrySeconds, Self.longestRetrySeconds)
            failed[number] = FailedPort(
                definition: definition, error: error.text, nextAttempt: now + delay, delaySeconds: delay,
                kernelIndex: KernelDevice(device: definition.device)?.index)
            if known?.error != error.text {
                logger.error(
                    "port \(definition.name): not open, device \"\(definition.device)\": \(error.text); tried again later"
                )
            }
            status[number] = stile_port_status()
            setText(&status[number].error, to: error.text)
            status[number].state = STILE_PORT_FAILED.rawValue
            segment.setPortStatus(number, to: status[number])
            return false
        }
    }

    /// Ports that the tables do not want open and that are not: what is published of them.
    func publishUnwanted(_ wanted: [Int: PortDefinition]) {
        for number in status.indices where opened[number] == nil && wanted[number]?.isEnabled != true {
            failed[number] = nil
            publishClosed(number, isConfigured: wanted[number] != nil)
        }
    }

    /// Looks at the links; logs those that went up or down.
    func updateLinks() {
        for (number, port) in opened {
            guard let link = port.link() else { continue }
            let state = (link.isUp ? STILE_PORT_UP : STILE_PORT_DOWN).rawValue
            guard status[number].state != state || status[number].speed_mbps != link.speedMbps else { continue }
            if status[number].state != state {
                logger.info("port \(port.definition.name): link \(link.isUp ? "up" : "down")")
            }
            status[number].state = state
            status[number].speed_mbps = link.speedMbps
            segment.setPortStatus(number, to: status[number])
        }
    }

    func updateStatistics() {
        for (number, port) in opened {
            guard let counts = port.statistics() else { continue }
            status[number].rx_missed = counts.rx_missed
            status[number].rx_errors = counts.rx_errors
            status[number].tx_errors = counts.tx_errors
            status[number].rx_packets = counts.rx_packets
            status[number].tx_packets = counts.tx_packets
            status[number].rx_bytes = counts.rx_bytes
            status[number].tx_bytes = counts.tx_bytes
            segment.setPortStatus(number, to: status[number])
        }
    }

    /// Frees the pools of closed ports whose frames have all come back. To be called once a second: a frame counts as
    /// back a moment before its worker has done with the pool, so that it takes two looks.
    func freeIdlePools() {
        for index in retiredPools.indices.reversed() {
            let isIdle = stile_pool_is_idle(retiredPools[index].pool) != 0
            if isIdle, retiredPools[index].wasIdle {
                stile_pool_free(retiredPools.remove(at: index).pool)
            } else {
                retiredPools[index].wasIdle = isIdle
            }
        }
    }

    private func publishOpen(_ number: Int, _ port: OpenPort) {
        let link = port.link()
        status[number] = stile_port_status()
        withUnsafeMutableBytes(of: &status[number].mac) { $0.copyBytes(from: port.mac.prefix(6)) }
        status[number].mtu = port.mtu
        status[number].rx_queues = UInt16(clamping: port.rxQueues)
        status[number].tx_queues = UInt16(clamping: port.txQueues)
        status[number].speed_mbps = link?.speedMbps ?? 0
        setText(&status[number].driver, to: port.driver)
        status[number].state = (link?.isUp == true ? STILE_PORT_UP : STILE_PORT_DOWN).rawValue
        segment.setPortStatus(number, to: status[number])
    }

    /// A port that is shut down is down; one that the tables do not have is absent.
    private func publishClosed(_ number: Int, isConfigured: Bool) {
        let state = (isConfigured ? STILE_PORT_DOWN : STILE_PORT_ABSENT).rawValue
        guard status[number].state != state || status[number].mtu != 0 else { return }
        status[number] = stile_port_status()
        status[number].state = state
        segment.setPortStatus(number, to: status[number])
    }

    /// Text into a C array, cut to fit; its last octet stays NUL.
    private func setText<Characters>(_ field: inout Characters, to text: String) {
        withUnsafeMutableBytes(of: &field) { place in
            place.initializeMemory(as: UInt8.self, repeating: 0)
            place.copyBytes(from: text.utf8.prefix(place.count - 1))
        }
    }
}
