import Glibc

/// How many TCP segments the kernel has dropped before any socket saw them, for causes that only counters show.
///
/// The counts are those of the whole network namespace: another neighbor's segments may be among them, which is why
/// only what can be this neighbor's is told, and as what happened meanwhile.
package struct SegmentDrops: Equatable {
    /// TcpExt counters of /proc/net/netstat.
    private(set) var withoutSignature: UInt64 = 0
    private(set) var unexpectedlySigned: UInt64 = 0
    private(set) var wronglySigned: UInt64 = 0
    private(set) var fromTooFar: UInt64 = 0

    /// - Parameter netstat: two lines for each protocol, the names and the values.
    package init(netstat: String) {
        let lines = netstat.split(separator: "\n").filter { $0.hasPrefix("TcpExt:") }.map { $0.split(separator: " ") }
        guard lines.count == 2 else { return }
        for (name, value) in zip(lines[0], lines[1]) {
            guard let count = UInt64(value) else { continue }
            switch name {
            case "TCPMD5NotFound": withoutSignature = count
            case "TCPMD5Unexpected": unexpectedlySigned = count
            case "TCPMD5Failure": wronglySigned = count
            case "TCPMinTTLDrop": fromTooFar = count
            default: continue
            }
        }
    }

    /// The counts at this moment; zeros where the kernel has none.
    static var now: SegmentDrops {
        guard let file = fopen("/proc/net/netstat", "r") else { return SegmentDrops(netstat: "") }
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 32 << 10)
        let count = fread(&octets, 1, octets.count, file)
        return SegmentDrops(netstat: String(decoding: octets.prefix(count), as: UTF8.self))
    }

    /// What was dropped since `earlier` and may have been this neighbor's.
    package func explanation(since earlier: SegmentDrops, of neighbor: NeighborConfiguration) -> String? {
        func grown(_ count: KeyPath<SegmentDrops, UInt64>) -> Bool { self[keyPath: count] > earlier[keyPath: count] }
        var causes: [String] = []
        if neighbor.password == nil {
            if grown(\.unexpectedlySigned) {
                causes.append("with a TCP-MD5 signature, and no password is configured here")
            }
        } else {
            if grown(\.withoutSignature) {
                causes.append("without a TCP-MD5 signature, and a password is configured here")
            }
            if grown(\.wronglySigned) { causes.append("with a wrong TCP-MD5 signature: the passwords differ") }
        }
        if case .timeToLiveSecurity(let hops) = neighbor.reach, grown(\.fromTooFar) {
            causes.append("with a TTL below \(256 - Int(hops)), which ttl-security asks for")
        }
        guard !causes.isEmpty else { return nil }
        return "meanwhile the kernel dropped segments " + causes.joined(separator: " and ")
    }
}
