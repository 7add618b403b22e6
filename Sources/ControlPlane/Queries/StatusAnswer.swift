import CTableLayout
import ControlProtocol
import ForwardingTables
import Glibc

extension ShowStatus: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> StatusResult {
        let (dataplane, control) = (plane.dataplane, plane.control)
        let now = WallClock.secondsSince1970
        let uptime = plane.clock.now.components.seconds
        let header = dataplane.reader?.header.pointee
        let started = header.map { Int64(clamping: $0.started) }
        return StatusResult(
            hostname: plane.hostname, takenAt: .now,
            controlProcess: ProcessStatus(
                isAlive: true, processIdentifier: UInt64(clamping: getpid()),
                instance: control.header.pointee.writer_instance,
                startedAt: Timestamp(secondsSince1970: now - uptime), uptimeSeconds: UInt64(clamping: uptime),
                version: ControlPlane.version, layoutVersion: UInt32(STILE_LAYOUT_VERSION)),
            dataPlane: ProcessStatus(
                isAlive: dataplane.isAlive, processIdentifier: dataplane.isAlive ? header?.pid : nil,
                instance: header?.instance, startedAt: started.map { Timestamp(secondsSince1970: $0) },
                uptimeSeconds: dataplane.isAlive ? started.map { UInt64(clamping: now - $0) } : nil,
                layoutVersion: header?.layout_version, silentSeconds: dataplane.silentSeconds(now: now)),
            currentGeneration: control.currentGeneration, generationInUse: dataplane.reader?.generationInUse ?? 0,
            workers: dataplane.reader?.workerCount ?? 0, isRestarting: !plane.routing.isConverged,
            configurationFile: plane.options.configurationFile,
            configurationAppliedAt: Timestamp(secondsSince1970: plane.inForce.appliedAt), commit: plane.commitNumber,
            confirmBy: plane.confirmBy, alarms: plane.alarms.alarms)
    }

    /// The name of the machine, for a box that has none of its own.
    fileprivate static var hostname: String {
        var name = [UInt8](repeating: 0, count: 256)
        let result = name.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { gethostname($0.assumingMemoryBound(to: CChar.self), 255) } ?? -1
        }
        return result == 0 ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "stile"
    }
}

extension ControlPlane {
    /// The name of the box, or else of the machine.
    var hostname: String { configuration.hostname ?? ShowStatus.hostname }

    /// The product's version.
    public static let version = "0.1.0"
}
