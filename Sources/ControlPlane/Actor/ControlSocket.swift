import ControlProtocol
import NIOCore

/// The socket by which the process is asked and told, while it is open.
final class ControlSocket {
    private var server: ControlServer?
    private let path: String
    private let access: ControlAccess
    private let group: any EventLoopGroup

    init(path: String, access: ControlAccess, group: any EventLoopGroup) {
        self.path = path
        self.access = access
        self.group = group
    }

    /// - Throws: ``ControlPlaneStartError`` if it cannot be made.
    nonisolated(nonsending) func open(_ handler: @escaping ControlServer.Handler) async throws {
        do {
            server = try await ControlServer.start(
                socketPath: path, group: group, access: access, handler: handler)
        } catch {
            throw ControlPlaneStartError.controlSocket(path: path, "\(error)")
        }
    }

    nonisolated(nonsending) func close() async {
        await server?.close()
        server = nil
    }
}
