import ControlProtocol
import Foundation

/// The names that there are, to complete a line with.
struct KnownNames {
    let client: ControlClient

    /// - Returns: those that begin like it; none where the daemon does not say.
    func names(of kind: ObjectKind, beginning: String) -> [String] {
        let names: [String] =
            switch kind {
            case .interface: (try? client.send(ShowInterfaces()))?.interfaces.map(\.name) ?? []
            case .vrf: (try? client.send(ShowVRFs()))?.vrfs.map(\.name) ?? []
            case .neighbor: (try? client.send(ShowBGPSummary()))?.neighbors.map(\.address.description) ?? []
            case .routeMap: (try? client.send(ShowRouteMaps()))?.routeMaps.map(\.name) ?? []
            case .file: Self.files(beginning)
            }
        return names.filter { $0.hasPrefix(beginning) }
    }

    /// Files of the folder that the beginning leads to; a folder ends with a slash.
    private static func files(_ beginning: String) -> [String] {
        let slash = beginning.lastIndex(of: "/")
        let folder = slash.map { String(beginning[...$0]) } ?? ""
        let path = folder.isEmpty ? "." : folder
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted().filter { !$0.contains(" ") && !$0.hasPrefix(".") }.map { name in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
            return folder + name + (isFolder.boolValue ? "/" : "")
        }
    }
}
