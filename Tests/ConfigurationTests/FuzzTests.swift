import Configuration
import Foundation
import SeededRandom
import Testing

/// Whatever the text, the parser gives a configuration that prints and reads back, or errors that name places in it.
@Suite struct FuzzTests {
    @Test(arguments: UInt64(1)...300)
    func mutatedExampleNeverTraps(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let base =
            generator.chance(2)
            ? Array(try fixture("config-example.conf").utf8)
            : Array(RandomConfiguration.make(seed: seed).canonicalText.utf8)
        for _ in 0..<10 {
            var octets = base
            for _ in 0..<generator.number(1...8) { mutate(&octets, &generator) }
            check(String(decoding: octets, as: UTF8.self), seed)
        }
    }

    @Test(arguments: UInt64(1)...100)
    func randomWordsNeverTrap(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let words = try fixture("config-example.conf").split { $0 == " " || $0 == "\n" }.map(String.init)
        let odd = [
            "", "\"", "\\", "!", "\t", "0", "-1", "99999999999999999999", "::", "/", ".", "1/", "é", "no", "exit",
            "end",
        ]
        var text = ""
        for _ in 0..<200 {
            text += String(repeating: " ", count: generator.number(0...3))
            for _ in 0..<generator.number(1...6) { text += generator.pick(generator.chance(8) ? odd : words) + " " }
            text += "\n"
        }
        check(text, seed)
    }

    private func mutate(_ octets: inout [UInt8], _ generator: inout SeededGenerator) {
        guard !octets.isEmpty else { return }
        let position = Int.random(in: 0..<octets.count, using: &generator)
        let end = min(octets.count, position + generator.number(1...40))
        switch generator.number(0...5) {
        case 0: octets[position] = generator.number(0...255)
        case 1: octets.remove(at: position)
        case 2: octets.insert(generator.pick(Array(" \n!\"\t.:/0129-\\".utf8)), at: position)
        case 3: octets.removeSubrange(position..<end)
        case 4:
            octets.insert(contentsOf: octets[position..<end], at: Int.random(in: 0...octets.count, using: &generator))
        default: octets.removeLast(octets.count - position)
        }
    }

    private func check(_ text: String, _ seed: UInt64) {
        do {
            let configuration = try ConfigurationParser.parse(text: text, fileName: "fuzz.conf").configuration
            let again = try ConfigurationParser.parse(text: configuration.canonicalText, fileName: "canonical.conf")
            #expect(again.configuration == configuration, "seed \(seed):\n\(text)")
        } catch {
            #expect(!error.errors.isEmpty)
            let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
                String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            }
            for diagnostic in error.diagnostics {
                let location = diagnostic.location
                guard lines.indices.contains(location.line - 1) else {
                    Issue.record("seed \(seed): no line \(location)")
                    continue
                }
                var line = lines[location.line - 1]
                if diagnostic.lineText != line, let hidden = diagnostic.lineText.range(of: "<hidden>") {
                    // A password and what stands behind it is not shown.
                    #expect(line.hasPrefix(diagnostic.lineText[..<hidden.lowerBound]), "seed \(seed)")
                    #expect(hidden.upperBound == diagnostic.lineText.endIndex, "seed \(seed)")
                    line = diagnostic.lineText
                }
                #expect(diagnostic.lineText == line, "seed \(seed)")
                // One behind the end is the place of what is missing.
                let width = line.unicodeScalars.count
                #expect((1...width + 1).contains(location.column), "seed \(seed): \(diagnostic)")
                #expect(diagnostic.length >= 1 && location.column + diagnostic.length <= width + 2, "seed \(seed)")
            }
        }
    }
}
