import ControlProtocol
import Foundation

/// The content of a file that the user names.
enum ConfigurationFile {
    /// Reads a file, or standard input where the name is `-`.
    static func read(_ name: String) throws(CommandFailure) -> ConfigurationText {
        let isStandardInput = name == "-"
        let content: Data
        do {
            content =
                isStandardInput
                ? try FileHandle.standardInput.readToEnd() ?? Data() : try Data(contentsOf: URL(fileURLWithPath: name))
        } catch {
            throw failure(name, error)
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw CommandFailure(exitCode: .configurationInvalid, message: "\(name) is not UTF-8 text")
        }
        return ConfigurationText(text: text, fileName: isStandardInput ? "standard input" : name)
    }

    private static func failure(_ name: String, _ error: any Error) -> CommandFailure {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile, .fileNoSuchFile:
            CommandFailure(exitCode: .noSuchObject, message: "there is no file '\(name)'")
        case .fileReadNoPermission: CommandFailure(exitCode: .notPermitted, message: "no permission to read '\(name)'")
        default: CommandFailure(exitCode: .refused, message: "cannot read '\(name)'")
        }
    }
}
