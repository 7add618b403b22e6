import Addressing

/// `show.ports`: ports, their devices and the devices' counters.
public struct ShowPorts: ParameterlessRequest {
    public typealias Answer = PortsResult
    public static let method = "show.ports"

    public init() {}
}

/// Answer to `show.ports`.
public struct PortsResult: ControlResult {
    public static let schemaIdentifier = "stile.show.ports/1"
    public private(set) var schema = PortsResult.schemaIdentifier

    public let takenAt: Timestamp
    /// In the order of the names.
    public let ports: [PortStatus]

    public init(takenAt: Timestamp, ports: [PortStatus]) {
        self.takenAt = takenAt
        self.ports = ports
    }
}

/// One port as the data plane has opened it, with the device's own counters.
public struct PortStatus: Codable, Hashable, Sendable {
    public let name: String
    /// DPDK device arguments of the configuration.
    public let device: String
    public let state: PortState
    /// Why the state is `failed`.
    public let error: String?
    public let driver: String?
    /// `nil` when unknown or without a meaning for the device.
    public let speedMegabitsPerSecond: UInt32?
    public let macAddress: MACAddress?
    /// The largest IP packet.
    public let mtuBytes: Int
    public let rxQueues: Int
    public let txQueues: Int
    public let rxPackets: UInt64
    public let rxBytes: UInt64
    public let txPackets: UInt64
    public let txBytes: UInt64
    /// Frames that the device dropped for want of a descriptor.
    public let rxMissedPackets: UInt64
    public let rxErrors: UInt64
    public let txErrors: UInt64

    public init(
        name: String, device: String, state: PortState, error: String? = nil, driver: String? = nil,
        speedMegabitsPerSecond: UInt32? = nil, macAddress: MACAddress? = nil, mtuBytes: Int, rxQueues: Int,
        txQueues: Int, rxPackets: UInt64, rxBytes: UInt64, txPackets: UInt64, txBytes: UInt64, rxMissedPackets: UInt64,
        rxErrors: UInt64, txErrors: UInt64
    ) {
        self.name = name
        self.device = device
        self.state = state
        self.error = error
        self.driver = driver
        self.speedMegabitsPerSecond = speedMegabitsPerSecond
        self.macAddress = macAddress
        self.mtuBytes = mtuBytes
        self.rxQueues = rxQueues
        self.txQueues = txQueues
        self.rxPackets = rxPackets
        self.rxBytes = rxBytes
        self.txPackets = txPackets
        self.txBytes = txBytes
        self.rxMissedPackets = rxMissedPackets
        self.rxErrors = rxErrors
        self.txErrors = txErrors
    }
}

extension PortsResult: TabularResult {
    public func table() -> TextTable {
        var table = TextTable(
            [
                .name("PORT"), .name("STATE"), .name("DRIVER"), .number("MBIT/S"), .name("MAC ADDRESS"), .number("MTU"),
                .number("RXQ"), .number("TXQ"), .number("RX PACKETS"), .number("TX PACKETS"), .number("RX MISSED"),
                .number("ERRORS"), .name("DEVICE"),
            ], emptyText: "no ports")
        for port in ports {
            let errors = port.rxErrors &+ port.txErrors
            table.append([
                TextTable.Cell(port.name), TextTable.Cell(port.state.rawValue, port.state.emphasis),
                TextTable.Cell(port.driver), TextTable.Cell(port.speedMegabitsPerSecond),
                TextTable.Cell(port.macAddress), TextTable.Cell(port.mtuBytes), TextTable.Cell(port.rxQueues),
                TextTable.Cell(port.txQueues), TextTable.Cell(port.rxPackets), TextTable.Cell(port.txPackets),
                TextTable.Cell(port.rxMissedPackets, port.rxMissedPackets > 0 ? .warning : .none),
                TextTable.Cell(errors, errors > 0 ? .warning : .none), TextTable.Cell(port.device),
            ])
        }
        return table
    }

    /// The table, then why ports have failed.
    public func text(_ style: TextStyle) -> String {
        ports.reduce(into: table().text(style)) { text, port in
            guard let error = port.error else { return }
            text += "\(port.name): " + style.show(error.withoutControlCharacters, as: .bad) + "\n"
        }
    }
}
