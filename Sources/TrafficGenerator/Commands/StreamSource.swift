import Foundation

/// The streams and devices that the options ask for.
struct StreamSource {
    let profile: TrafficProfile
    let devices: [DeviceName]

    init(_ options: StreamOptions) throws {
        let named = options.device.devices.map { DeviceName($0) }
        var profile: TrafficProfile
        if let path = options.fromSocket {
            let snapshot = try SocketSnapshot(
                socketPath: path, vrfs: options.vrf, routeLimit: options.routeLimit)
            profile = try TrafficProfile(
                snapshot: snapshot, directions: options.direction.isEmpty ? [.nniToCircuit] : options.direction,
                frameSizes: options.frameSizes() ?? .fixed(64))
            devices = named.isEmpty ? snapshot.ports.compactMap(DeviceName.init(counterpartOf:)) : named
            if named.count == 1, let only = named.first {
                // One device stands for all ports, whatever it is called.
                for index in profile.streams.indices where profile.streams[index].port != only.name {
                    profile.streams[index].port = nil
                }
            }
        } else {
            let path = options.profile ?? ""
            let data: Data
            do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
                throw TrafficError(.invalidProfile, "cannot read '\(path)': \(error.localizedDescription)")
            }
            profile = try TrafficProfile(json: data)
            devices = named
        }
        if let sizes = try options.frameSizes() { profile = profile.with(frameSizes: sizes) }
        self.profile = profile
    }
}
