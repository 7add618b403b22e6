import CDPDKShim
import Glibc

/// DPDK's environment abstraction layer, started at most once in a process.
public enum Environment {
    /// The processors that this process may run on, as `--lcores` wants them.
    public static func allowedProcessors() -> String {
        var text = [CChar](repeating: 0, count: 8192)
        guard stile_processors_allowed(&text, UInt32(text.count)) == 0 else { return "0" }
        return String(nulTerminated: text)
    }

    /// The path without symbolic links; as it is where there is no such file.
    public static func resolvedPath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Whether there is a PCI bus to look for devices on.
    public static func hasPCI() -> Bool { access("/sys/bus/pci/devices", R_OK) == 0 }

    /// Starts the EAL.
    /// - Throws: `StartFailure` with `environment`; the EAL's own words are on stderr then.
    public static func start(_ arguments: EnvironmentArguments) throws(StartFailure) {
        // The EAL keeps pointers into its arguments, so they are never freed.
        var pointers = arguments.list.map { strdup($0) }
        pointers.append(nil)
        var error = [CChar](repeating: 0, count: 128)
        let code = stile_environment_start(Int32(pointers.count - 1), &pointers, &error, UInt32(error.count))
        guard code == 0 else {
            throw StartFailure(
                .environment,
                "DPDK does not start with \"\(arguments.list.dropFirst().joined(separator: " "))\": "
                    + String(nulTerminated: error),
                hint: "see its own lines above; --memory-megabytes and --eal change what it is asked for")
        }
    }

    public static func stop() { stile_environment_stop() }

    /// "DPDK 22.11.11" or the like.
    public static var version: String { String(cString: stile_environment_version()) }
}
