import Addressing
import ControlProtocol
import ForwardingTables

/// What the command line decides about the control process.
public struct ControlPlaneOptions: Hashable, Sendable {
    /// Where the two processes meet: the shared segments, the tables and the control socket.
    public var runtimeDirectory: String
    /// What must outlive a restart of the machine: the allocations.
    public var stateDirectory: String
    /// The file that is the truth at each start; `nil` where the last commit is.
    public var configurationFile: String?
    /// What a box starts with that has no commit.
    public var firstFile: String?
    /// Who may ask what of the control socket.
    public var access = ControlAccess.bySocketPermissions
    /// `nil`: BGP uses the kernel's own interfaces and no NNI is handed to the kernel.
    public var tunName: String? = "stile0"
    /// The TCP port of BGP on both sides.
    public var bgpPort: UInt16 = 179
    /// Where to listen for BGP.
    public var listenAddresses: [IPAddress] = [
        .ipv4(IPv4Address(rawValue: 0)), .ipv6(IPv6Address(rawValue: 0)),
    ]
    /// Where the tables are put if hugepages are mounted there; `nil` for the runtime directory.
    public var hugepageDirectory: String?
    /// How long a restarted process waits for the neighbors that were up before it publishes its tables, in seconds,
    /// where graceful restart is not configured.
    public var convergenceSeconds: UInt32 = 60
    /// How much the tables hold; the memory for routes only where the configuration does not say.
    public var capacities = TableCapacities()

    public init(runtimeDirectory: String, stateDirectory: String) {
        self.runtimeDirectory = runtimeDirectory
        self.stateDirectory = stateDirectory
    }

    var allocationsPath: String { stateDirectory + "/allocations" }
    /// Beside the tables: it is there for as long as they are.
    var allocationsCopyPath: String { runtimeDirectory + "/allocations" }
    var counterBaselinesPath: String { stateDirectory + "/counter-baselines" }
    var establishedPath: String { stateDirectory + "/established" }
    var hostDevicesPath: String { stateDirectory + "/host-devices" }
    var engineWaysPath: String { stateDirectory + "/fpm-routes" }
    var socketPath: String { runtimeDirectory + "/stile.sock" }
}

/// Why the control process cannot start.
public enum ControlPlaneStartError: Error {
    /// The runtime or state directory cannot be made or written.
    case directory(SystemCallError)
    /// Another process has the state directory; its number, if it can be read.
    case stateInUse(directory: String, process: Int32?)
    /// The shared memory is another process's or another version's.
    case sharedMemory(String)
    /// The allocations on disk cannot be used: starting without them could give a customer's label to another.
    case allocations(path: String, String)
    /// BGP cannot listen.
    case listening(address: IPAddress, port: UInt16, String)
    /// The control socket cannot be made.
    case controlSocket(path: String, String)
}

extension ControlPlaneStartError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .directory(let error): "\(error)"
        case .stateInUse(let directory, let process):
            "\(directory): another stiled works on this state directory"
                + (process.map { " (process \($0))" } ?? "")
                + "; stop it first, or give this one a directory of its own"
        case .sharedMemory(let text): text
        case .allocations(let path, let text): "\(path): \(text)"
        case .listening(let address, let port, let text): "cannot listen for BGP on \(address) port \(port): \(text)"
        case .controlSocket(let path, let text): "cannot listen on \(path): \(text)"
        }
    }
}
