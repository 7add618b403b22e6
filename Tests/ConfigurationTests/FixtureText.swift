import Configuration
import Foundation
import Testing

/// The text of a file in `Fixtures`.
func fixture(_ name: String) throws -> String {
    let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
}
