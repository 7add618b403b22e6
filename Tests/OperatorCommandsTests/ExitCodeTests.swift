import ControlProtocol
import ControlProtocolSamples
import Foundation
import Testing

@Suite("Exit codes and documents of the built command", .serialized)
struct ExitCodeTests {
    @Test(
        "commands that have a result",
        arguments: [
            ("show interfaces", ExitCode.done), ("sh int ten1/0", .done), ("show bgp vpnv4 imported", .done),
            ("show routes vrf one ipv4", .done), ("show isolation", .done),
            // The sample's answer names a family that could not be asked for.
            ("bgp clear neighbor 1.2.3.4 soft", .refused),
            ("explain packet in ten1/0 label 1001 src 10.2.0.1 dst 10.1.0.2 protocol tcp dport 443", .packetDropped),
            ("config diff -", .differencesExist), ("config replace -", .done), ("config check -", .done),
            ("plan -", .differencesExist), ("plan -f -", .differencesExist), ("commit -", .done), ("commit", .done),
            ("commit -f - --confirmed 5 --comment why --force", .done), ("commit - confirmed comment a b", .done),
            ("rollback 3", .done), ("show commits", .done), ("show commits 3", .done),
            ("help", .done),
        ])
    func results(_ command: String, _ exitCode: ExitCode) async throws {
        try await StileProcess.withServer { socket in
            let words = command.split(separator: " ").map(String.init)
            let text = try StileProcess.run(["--socket", socket] + words, input: "hostname a\n")
            #expect(text.exitCode == exitCode, "\(text.standardError)")
            #expect(text.standardOutput.hasSuffix("\n") && text.standardError.isEmpty)
            #expect(!text.standardOutput.contains("\u{1B}"), "colour on something that is no terminal")
            let json = try StileProcess.run(
                words + ["-j"], input: "hostname a\n", environment: ["STILE_SOCKET": socket])
            #expect(json.exitCode == exitCode)
            #expect(json.standardOutput.filter { $0 == "\n" }.count == 1)
            #expect(try schema(of: json.standardOutput)?.hasPrefix("stile.") == true)
        }
    }

    @Test(
        "the daemon's refusals",
        arguments: [
            (ControlErrorCode.refused, ExitCode.refused), (.internalError, .refused), (.invalidParameters, .usage),
            (.configurationInvalid, .configurationInvalid), (.dataPlaneNotRunning, .noDaemon), (.timedOut, .timedOut),
            (.notPermitted, .notPermitted), (.noSuchObject, .noSuchObject),
        ])
    func refusals(_ code: ControlErrorCode, _ exitCode: ExitCode) async throws {
        let refusal = ControlError(code, "because", diagnostics: [Samples.diagnostic])
        let handler: ControlServer.Handler = { _, _ in .failure(refusal) }
        try await StileProcess.withServer(handler) { socket in
            let text = try StileProcess.run(["--socket", socket, "config", "replace", "-"])
            #expect(text.exitCode == exitCode)
            #expect(text.standardOutput.isEmpty)
            #expect(text.standardError.contains("^~~~") && text.standardError.contains("error: because"))
            let json = try StileProcess.run(["--json", "--socket", socket, "config", "replace", "-"])
            #expect(json.exitCode == exitCode)
            #expect(json.standardOutput.isEmpty)
            #expect(try schema(of: json.standardError) == "stile.error/1")
        }
    }

    @Test(
        "usage",
        arguments: [
            "show", "sho r", "show nothing", "--bogus", "explain packet in ten1/0", "show routes prefix 10.0.0.1/8",
            "show interfaces --timeout 0", "config replace", "bgp clear neighbor nobody",
            "bgp clear neighbor 1.2.3.4 soft message x", "show routes vrf",
            "show bgp vpnv4 received imported", "help --watch=0",
            "explain packet in a src 1.1.1.1 dst 2.2.2.2 label 1048576",
            "check a --watch=1", "config check /dev/null --watch=1", "show status -f a", "commit --force", "rollback",
            "rollback x", "--force", "show status --comment a", "commit - confirmed x", "show commits last",
        ])
    func usage(_ command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        let text = try StileProcess.run(words)
        #expect(text.exitCode == .usage, "\(text.standardOutput)")
        #expect(text.standardOutput.isEmpty && !text.standardError.isEmpty)
        let json = try StileProcess.run(words + ["-j"])
        #expect(json.exitCode == .usage)
        #expect(try schema(of: json.standardError) == "stile.error/1")
    }

    @Test("no daemon, no answer in time, no file")
    func failures() async throws {
        #expect(try StileProcess.run(["--socket", "/nowhere/stile.sock", "show", "status"]).exitCode == .noDaemon)
        #expect(try StileProcess.run(["check", "/nowhere/stile.conf"]).exitCode == .noSuchObject)
        try await StileProcess.withServer(Self.slow) { socket in
            let outcome = try StileProcess.run(["--socket", socket, "--timeout", "0.3", "show", "status"])
            #expect(outcome.exitCode == .timedOut)
        }
    }

    @Test("no permission for the socket")
    func permission() async throws {
        try await StileProcess.withServer { socket in
            // Root may use any socket, so the command runs as nobody, and from a place that nobody can reach.
            let folder = try StileProcess.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let program = folder + "/stile"
            try FileManager.default.copyItem(atPath: StileProcess.program, toPath: program)
            #expect(chmod(folder, 0o755) == 0 && chmod(program, 0o755) == 0)
            #expect(chmod(URL(filePath: socket).deletingLastPathComponent().path, 0o755) == 0)
            let command = [program, "--socket", socket, "show", "status"]
            let outcome =
                if geteuid() == 0 {
                    try StileProcess.run(
                        ["--reuid=65534", "--regid=65534", "--clear-groups"] + command, program: "/usr/bin/setpriv")
                } else {
                    try StileProcess.run(
                        ["/bin/sh", "-c", "chmod 0 '\(socket)'; exec \(command.joined(separator: " "))"],
                        program: "/usr/bin/env")
                }
            #expect(outcome.exitCode == .notPermitted, "\(outcome.standardError)")
        }
    }

    @Test("members of the read-only group look, and change nothing", .enabled(if: geteuid() == 0))
    func readOnly() async throws {
        let access = try #require(ControlAccess(readOnlyGroup: "daemon"))
        try await StileProcess.withServer(access: access) { socket in
            let folder = try StileProcess.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let program = folder + "/stile"
            try FileManager.default.copyItem(atPath: StileProcess.program, toPath: program)
            #expect(chmod(folder, 0o755) == 0 && chmod(program, 0o755) == 0)
            #expect(chmod(URL(filePath: socket).deletingLastPathComponent().path, 0o755) == 0)
            func run(_ group: String, _ words: String) throws -> ExitCode? {
                try StileProcess.run(
                    ["--reuid=65534", "--regid=\(group)", "--clear-groups", program, "--socket", socket]
                        + words.split(separator: " ").map(String.init), program: "/usr/bin/setpriv"
                ).exitCode
            }
            #expect(try run("daemon", "show status") == .done)
            #expect(try run("daemon", "plan -") == .differencesExist)
            for change in [
                "commit", "commit -", "rollback 1", "bgp clear neighbor 1.2.3.4", "clear flow counters",
            ] {
                #expect(try run("daemon", change) == .notPermitted)
            }
            #expect(try run("nogroup", "show status") == .notPermitted)
            #expect(try run("root", "commit") == .done)
        }
    }

    @Test("Control-C ends a watch and a wait")
    func interrupted() async throws {
        try await StileProcess.withServer { socket in
            let watch = ["--socket", socket, "show", "status", "--json", "--watch=0.1"]
            let outcome = try StileProcess.run(watch, interruptAfterOutput: true)
            #expect(outcome.exitCode == .interrupted)
            #expect(outcome.standardOutput.contains("stile.show.status/1"))
        }
    }

    @Test("a configuration is checked without a daemon")
    func offlineCheck() throws {
        let folder = try StileProcess.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/stile.conf"
        try Data("hostname asbr1\niint ten1/0\n".utf8).write(to: URL(filePath: file))
        let outcome = try StileProcess.run(["check", file])
        #expect(outcome.exitCode == .configurationInvalid)
        #expect(outcome.standardError.contains("\(file):2:1: error:"))
        #expect(outcome.standardError.contains("\n  iint ten1/0\n  ^~~~\n"))
        #expect(outcome.standardError.hasSuffix("nothing was applied\n"))
        try Data("hostname asbr1\n".utf8).write(to: URL(filePath: file))
        #expect(try StileProcess.run(["check", file]).exitCode == .done)
    }

    private static let slow: ControlServer.Handler = { _, _ in
        try? await Task.sleep(for: .seconds(30))
        return .failure(ControlError(.refused, "woken up"))
    }
}

/// The `schema` of a text that is exactly one JSON document.
private func schema(of text: String) throws -> String? {
    struct Document: Decodable { let schema: String }
    return try JSONDecoder().decode(Document.self, from: Data(text.utf8)).schema
}
