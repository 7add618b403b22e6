import Addressing
import Glibc
import NIOCore

/// Why TCP could not connect, in an operator's words.
struct ConnectFailure: CustomStringConvertible {
    let description: String

    /// - Parameter local: the address that was to be connected from.
    init(_ error: any Error, from local: IPAddress?) {
        switch (error as? IOError)?.errnoCode {
        case EADDRNOTAVAIL:
            let address = local.map { "the local address \($0)" } ?? "the local address"
            description = "\(address) is not on this box now: is its interface there and up?"
        case ECONNREFUSED: description = "refused: the neighbor's host does not listen for us"
        case EHOSTUNREACH, ENETUNREACH: description = "unreachable: no route to the neighbor, or nobody has its address"
        case ETIMEDOUT: description = "no answer"
        default: description = error is ChannelError ? "no answer" : "\(error)"
        }
    }
}
