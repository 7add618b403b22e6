import ControlProtocol
import Foundation

/// The streams and devices that the options ask for.
struct StreamSource {
    let devices: [DeviceName]
    private let options: StreamOptions
    /// From a file, read and checked before anything is opened.
    private let fileProfile: TrafficProfile?

    init(_ options: StreamOptions) throws {
        self.options = options
        let named = options.device.devices.map { DeviceName($0) }
        if let path = options.fromSocket {
            let ports = named.isEmpty ? try SocketSnapshot.ports(socketPath: path) : []
            devices = named.isEmpty ? ports.compactMap(DeviceName.init(counterpartOf:)) : named
            fileProfile = nil
            return
        }
        let path = options.profile ?? ""
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw TrafficError(.invalidProfile, "cannot read '\(path)': \(error.localizedDescription)")
        }
        let profile = try TrafficProfile(json: data)
        fileProfile = try options.frameSizes().map(profile.with(frameSizes:)) ?? profile
        devices = named
    }

    /// The streams. A running Stile is asked only when the devices are open: a memif port has no link, and its circuit no
    /// routes, before its other end is there. So it is asked until its ports are up and two answers in a row make the
    /// same streams, for as long as a link may take.
    func profile(in session: TrafficSession) throws -> TrafficProfile {
        if let fileProfile { return fileProfile }
        let deadline = Date(timeIntervalSinceNow: options.device.linkSeconds)
        var last: TrafficProfile?
        while true {
            let isLastTry = Date() >= deadline || session.stop.isAsked
            do {
                let (profile, arePortsUp) = try profileOfSocket()
                if isLastTry || (arePortsUp && profile == last) { return profile }
                last = profile
            } catch let error as TrafficError where error.code == .nothingToSend {
                if isLastTry { throw error }
                last = nil
            }
            Thread.sleep(forTimeInterval: 0.5)
        }
    }

    /// The streams as they are now, and whether the ports that our devices are joined to are up.
    private func profileOfSocket() throws -> (TrafficProfile, arePortsUp: Bool) {
        let snapshot = try SocketSnapshot(
            socketPath: options.fromSocket ?? "", vrfs: options.vrf, routeLimit: options.routeLimit)
        var profile = try TrafficProfile(
            snapshot: snapshot, directions: options.direction.isEmpty ? [.nniToCircuit] : options.direction,
            frameSizes: options.frameSizes() ?? .fixed(64))
        if devices.count == 1, let only = devices.first {
            // One device stands for all ports, whatever it is called.
            for index in profile.streams.indices where profile.streams[index].port != only.name {
                profile.streams[index].port = nil
            }
        }
        let ports = snapshot.ports.filter { port in devices.contains { $0.name == port.name } }
        return (profile, ports.allSatisfy { $0.state == .up })
    }
}
