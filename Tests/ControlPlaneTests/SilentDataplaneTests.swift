import ControlProtocol
import Foundation
import Testing

/// A data plane that is there and does nothing: stopped by a signal, or hanging.
@Suite struct SilentDataplaneTests {
    @Test func `a data plane without a sign of life is not called running`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(LaboratoryConfiguration.first)
        let dataplane = try await laboratory.dataplane()
        func status() async throws -> StatusResult {
            let status = try await laboratory.ask(ShowStatus())
            return status
        }
        // Ahead of time, so that it does not grow old while the test waits.
        dataplane.showLife(secondsSince1970: Int(Date().timeIntervalSince1970) + 3600)
        let working = try await status()
        #expect(working.dataPlane.isAlive && working.dataPlane.silentSeconds == nil)
        #expect(working.text(.plain).contains("running") && !working.text(.plain).contains("silent"))
        dataplane.showLife(secondsSince1970: Int(Date().timeIntervalSince1970) - 60)
        let stopped = try await status()
        #expect(stopped.dataPlane.isAlive && stopped.dataPlane.silentSeconds ?? 0 >= 60)
        #expect(stopped.text(.plain).contains("silent for"))
        await laboratory.stop()
    }
}
