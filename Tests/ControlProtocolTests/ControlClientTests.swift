import ControlProtocol
import ControlProtocolSamples
import Foundation
import Testing

@Suite("Control client")
struct ControlClientTests {
    @Test("no socket, a socket without a daemon, and a path that is too long")
    func noDaemon() async throws {
        let folder = try ServerFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let paths = [folder + "/absent", folder, folder + "/" + String(repeating: "x", count: 200)]
        for path in paths {
            let error = #expect(throws: ControlClientError.self) {
                try ControlClient(socketPath: path).send(ShowStatus())
            }
            #expect(error?.exitCode == .noDaemon)
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test("a daemon that does not answer in time")
    func timeOut() async throws {
        try await ServerFixture.withServer(handler: Self.never) { fixture in
            let error = #expect(throws: ControlClientError.self) {
                try ControlClient(socketPath: fixture.path, timeoutSeconds: 0.3).send(ShowStatus())
            }
            #expect(error == .timedOut(seconds: 0.3))
        }
    }

    @Test("Control-C while waiting")
    func interrupted() async throws {
        try await ServerFixture.withServer(handler: Self.never) { fixture in
            let error = #expect(throws: ControlClientError.self) {
                try ControlClient(socketPath: fixture.path, isInterrupted: { true }).send(ShowStatus())
            }
            #expect(error == .interrupted)
        }
    }

    @Test("the daemon's refusal arrives with its diagnostics")
    func refusal() async throws {
        let refusal = ControlError(.configurationInvalid, "1 error", diagnostics: [Samples.diagnostic])
        let handler: ControlServer.Handler = { _, _ in .failure(refusal) }
        try await ServerFixture.withServer(handler: handler) { fixture in
            let error = #expect(throws: ControlClientError.self) {
                try ControlClient(socketPath: fixture.path).send(ReplaceConfiguration(Samples.configurationText))
            }
            #expect(error == .refusal(refusal))
        }
    }

    @Test("a request beyond the limit is not sent")
    func tooLongRequest() throws {
        let text = ConfigurationText(
            text: String(repeating: "!", count: RequestDocument.largestBytes + 1), fileName: "big")
        let error = #expect(throws: ControlClientError.self) {
            try ControlClient(socketPath: "/nowhere").send(ReplaceConfiguration(text))
        }
        #expect(error?.exitCode == .refused)
    }

    private static let never: ControlServer.Handler = { _, _ in
        try? await Task.sleep(for: .seconds(30))
        return .failure(ControlError(.refused, "woken up"))
    }
}
