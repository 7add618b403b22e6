import Addressing
import CDPDKShim
import Glibc

/// A device as named on the command line: `[NAME=]DEVICE`, where DEVICE is a PCI address or a virtual device with its
/// arguments.
public struct DeviceName: Hashable, Sendable {
    /// What streams call it; the device's own first word where none is given.
    public var name: String
    public var device: String

    public init(_ text: String) {
        // An argument of the device has an equals sign too, but behind a comma.
        let head = text.prefix { $0 != "," }
        if let sign = head.firstIndex(of: "=") {
            name = String(head[..<sign])
            device = String(text[text.index(after: sign)...])
        } else {
            name = String(head)
            device = text
        }
    }

    /// Whether the device is a wire, or memory of this machine: then a full ring is the device under test's queue.
    public var isInMemory: Bool { device.hasPrefix("net_") }
}

/// A device that runs, with the frames to be sent by it.
public final class GeneratorDevice {
    public let name: DeviceName
    public let driver: String
    public let mac: MACAddress
    /// Link speed; `nil` for devices in memory, whatever their drivers say.
    public let lineRateBitsPerSecond: Double?
    let number: UInt16
    /// Frames that are zero behind their first 128 octets.
    let transmitPool: OpaquePointer
    /// Frames of any content, received or made for other purposes.
    let ownPool: OpaquePointer

    /// Opens and starts a device, which takes until its link is up.
    ///
    /// - Parameters:
    ///   - mtuBytes: the largest IP packet.
    ///   - linkSeconds: how long to wait for the link.
    ///   - index: of the device among those of this process.
    /// - Throws: `TrafficError` with `device` or `noLink`.
    public init(_ name: DeviceName, mtuBytes: Int, linkSeconds: Double, index: Int) throws(TrafficError) {
        var request = stile_port_request()
        request.mtu = UInt16(clamping: mtuBytes)
        request.rx_queues = 1
        request.tx_queues = 1
        request.spare_frames = 2048
        var opened = stile_port_opened()
        let code = name.device.withCString { device in
            "traffic_rx_\(index)".withCString { pool in
                request.device = device
                request.pool_name = pool
                return stile_port_open(&request, &opened)
            }
        }
        guard code == 0, let ownPool = opened.pool else {
            throw TrafficError(.device, "device '\(name.device)' does not open: \(Self.text(opened.error))")
        }
        let pool = "traffic_tx_\(index)".withCString {
            stile_pool_create($0, Self.transmitFrames, UInt32(mtuBytes) + Self.linkBytes, -1)
        }
        guard let pool else {
            stile_port_close(opened.device)
            throw TrafficError(
                .device, "no memory for \(Self.transmitFrames) frames of device '\(name.device)'",
                hint: "--memory-megabytes gives more")
        }
        stile_pool_clear(pool)
        self.name = name
        number = opened.device
        transmitPool = pool
        self.ownPool = ownPool
        driver = Self.text(opened.driver)
        mac = MACAddress(octets: withUnsafeBytes(of: opened.mac) { Array($0) }) ?? .broadcast
        guard let speed = Self.waitForLink(opened.device, seconds: linkSeconds) else {
            stile_port_close(opened.device)
            throw TrafficError(
                .noLink, "device '\(name.device)' has no link after \(linkSeconds) s",
                hint: "is the other side running, and for memif, is it the other role with the same id and socket?")
        }
        lineRateBitsPerSecond = name.isInMemory || speed == 0 ? nil : Double(speed) * 1e6
    }

    /// Frames in transmit queues and in the hands of a receiver that shares our memory.
    private static let transmitFrames: UInt32 = 8191
    /// Ethernet header, two tags and four labels.
    private static let linkBytes: UInt32 = 14 + 8 + 16

    /// The speed in Mbit/s (0: unknown) once the link is up; `nil` when it does not come.
    private static func waitForLink(_ device: UInt16, seconds: Double) -> UInt32? {
        var waited = 0.0
        while true {
            var link = stile_port_link()
            if stile_port_link(device, &link) == 0, link.is_up != 0 { return link.speed_mbps }
            guard waited < seconds else { return nil }
            stile_sleep(20_000_000)
            waited += 0.02
        }
    }

    private static func text<Characters>(_ characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Stops and removes the device. Nothing is sent by it any more.
    public func close() { stile_port_close(number) }
}
