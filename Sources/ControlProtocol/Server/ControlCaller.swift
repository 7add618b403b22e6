import Foundation
import NIOCore

/// Who sends the requests of a connection, as the kernel says it (`SO_PEERCRED`, unix(7)).
public struct ControlCaller: Hashable, Sendable {
    /// Of the process when it connected.
    public let userIdentifier: UInt32
    /// Likewise.
    public let groupIdentifier: UInt32
    /// The number where the user has no name.
    public let userName: String
    /// The connection; `nil` for requests that come by none.
    public let session: ControlSession?

    public init(userIdentifier: UInt32, groupIdentifier: UInt32, userName: String, session: ControlSession? = nil) {
        self.session = session
        self.userIdentifier = userIdentifier
        self.groupIdentifier = groupIdentifier
        self.userName = userName
    }

    /// The far end of a Unix socket; `nil` where the kernel does not say who that is.
    static func atFarEnd(of channel: any Channel, _ session: ControlSession) async -> ControlCaller? {
        guard let options = channel as? any SocketOptionProvider else { return nil }
        let credentials: PeerCredentials? = try? await options.unsafeGetSocketOption(
            level: NIOBSDSocket.OptionLevel.socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        ).get()
        return credentials.map {
            ControlCaller(
                userIdentifier: $0.user, groupIdentifier: $0.group, userName: name(ofUser: $0.user) ?? String($0.user),
                session: session)
        }
    }

    /// `struct ucred` of the kernel's `linux/socket.h`.
    private struct PeerCredentials: Sendable {
        let process: Int32
        let user: UInt32
        let group: UInt32
    }

    private static func name(ofUser identifier: UInt32) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        // As long as any line of a user database is.
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(identifier, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name
        else { return nil }
        return String(cString: name)
    }
}
