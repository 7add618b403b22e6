import Addressing
import NIOCore

/// A place in what is sent to a neighbor, to be asked later whether the neighbor has got everything before it.
public struct TransmissionMark: Hashable, Sendable {
    public let neighbor: PeerAddress
    let connection: ConnectionIdentifier
    /// What had been given to the connection by then.
    let octets: UInt64

    /// Where the connection began: the same for all marks of one.
    public var beginning: TransmissionMark { TransmissionMark(neighbor: neighbor, connection: connection, octets: 0) }
}

/// The beginning of Linux's `tcp_info` (linux/tcp.h), up to and with `tcpi_bytes_acked`; glibc's declaration ends before.
struct TCPInformation {
    // 8 octets of states, 24 words of four octets, two rates of eight.
    private var words:
        (
            UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64,
            UInt64,
            UInt64
        )
    /// What the peer's TCP has acknowledged since the connection began, in octets; on the side that opened it the SYN counts
    /// as one.
    let acknowledgedOctets: UInt64

    /// TCP_INFO of the same header.
    static let optionName = NIOBSDSocket.Option(rawValue: 11)

    /// What the kernel knows of a channel's connection; `nil` if it cannot be asked. On the channel's event loop.
    static func of(_ channel: any Channel) -> TCPInformation? {
        guard let socket = channel as? any SocketOptionProvider else { return nil }
        let answer: EventLoopFuture<TCPInformation> = socket.unsafeGetSocketOption(level: .tcp, name: optionName)
        var found: TCPInformation?
        // On the event loop the answer is there already.
        answer.assumeIsolated().whenSuccess { found = $0 }
        return found
    }
}
