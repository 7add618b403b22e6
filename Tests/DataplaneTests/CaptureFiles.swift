import Foundation

/// Capture files as ports: what each receives, and what each has sent. Removed with the object.
final class CaptureFiles {
    private let directory: String
    /// DPDK's device names are unique in a process only; the numbers are the ports'.
    let devices: [Int: String]

    init() throws {
        directory = "/tmp/stile-captures-\(UUID().uuidString)"
        devices = [0: Self.device(0, in: directory), 1: Self.device(1, in: directory)]
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        for port in devices.keys { try fill(port, with: []) }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func device(_ port: Int) -> String { Self.device(port, in: directory) }

    private static func device(_ port: Int, in directory: String) -> String {
        "net_pcap_test\(port),rx_pcap=\(directory)/in\(port).pcap,tx_pcap=\(directory)/out\(port).pcap"
    }

    /// What the port will receive, once.
    func fill(_ port: Int, with frames: [[UInt8]]) throws {
        guard PcapFile.write(frames, to: "\(directory)/in\(port).pcap") else { throw CocoaError(.fileWriteUnknown) }
    }

    func sent(by port: Int) -> [[UInt8]] { PcapFile.read("\(directory)/out\(port).pcap") }

    func forget(_ port: Int) { try? FileManager.default.removeItem(atPath: "\(directory)/out\(port).pcap") }
}
