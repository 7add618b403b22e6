import Configuration
import Testing

/// Passwords go in and never come out.
@Suite struct HiddenPasswordTests {
    private static let bgp = """
        router bgp 42
         neighbor far peer-group
         neighbor far password group-secret
         neighbor 192.0.2.2 remote-as 65001
         neighbor 192.0.2.2 password first-secret
         neighbor 192.0.2.3 remote-as 65001
         neighbor 192.0.2.3 password "second secret"
        """
    private static let secrets = ["group-secret", "first-secret", "second secret"]

    @Test func `nothing that is shown has them`() throws {
        let configuration = try load(Self.bgp).configuration
        let shown = configuration.withHiddenPasswords.canonicalText
        #expect(shown.components(of: "<hidden>") == 3)
        #expect(Self.secrets.allSatisfy { !shown.contains($0) && configuration.canonicalText.contains($0) })
        let diffs = [
            ConfigurationDiff(from: Configuration(), to: configuration),
            ConfigurationDiff(from: configuration, to: Configuration()),
        ]
        for diff in diffs {
            #expect(diff.description.components(of: "password <hidden>") == 3)
            #expect(Self.secrets.allSatisfy { !diff.description.contains($0) })
        }
    }

    @Test func `a difference says that one has changed`() throws {
        let old = try load(Self.bgp).configuration
        let new = try load(Self.bgp.replacing("first-secret", with: "another-secret")).configuration
        #expect(
            ConfigurationDiff(from: old, to: new).lines.map { $0.mark.rawValue + $0.text } == [
                " router bgp 42", "- neighbor 192.0.2.2 password <hidden>",
                "+ neighbor 192.0.2.2 password <hidden> ! password changed",
            ])
    }

    @Test func `what is shown can be read back, and each keeps its own`() throws {
        let base = try load(Self.bgp).configuration
        let shown = base.withHiddenPasswords.canonicalText
        let again = try ConfigurationParser.parse(text: shown, fileName: "test.conf", base: base)
        #expect(again.configuration == base)
        #expect(ConfigurationDiff(from: base, to: again.configuration).isEmpty)
    }

    @Test func `where the base has none it is an error`() throws {
        let base = try load(Self.bgp).configuration
        let text = "router bgp 42\n neighbor 192.0.2.9 remote-as 1\n neighbor 192.0.2.9 password <hidden>\n"
        for base in [nil, base] {
            let error = #expect(throws: InvalidConfiguration.self) {
                try ConfigurationParser.parse(text: text, fileName: "test.conf", base: base)
            }
            #expect(error?.errors.map(\.code) == [.hiddenPassword])
            #expect(error?.errors.first?.location.line == 3)
        }
    }

    @Test(arguments: [
        " neighbor 192.0.2.2 password secret word", " neighbor 192.0.2.2 pasword secret",
        " neighbor 192.0.2.2 passw secret",
        " neighbor 192.0.2.2 password \"secret word", " neighbor 192.0.2.2 PASSWORD secret\tsecret",
        " neighbor 192.0.2.2 password \"secret\u{1}\"", "neighbor 192.0.2.2 password secret",
        " neighbor 192.0.2.2 password sécret", " neighbour 192.0.2.2 password secret",
        " password secret", " neighbor 192.0.2.400 password secret",
    ])
    func `no diagnostic repeats one`(line: String) throws {
        let found = diagnostics(of: "hostname a\n router bgp 42\n  neighbor 192.0.2.2 remote-as 65001\n \(line)\n")
        #expect(!found.isEmpty)
        for diagnostic in found {
            let text = diagnostic.description
            #expect(!text.contains("secret") && !text.contains("sécret"), "\(text)")
            #expect(diagnostic.location.column + diagnostic.length - 1 <= diagnostic.lineText.unicodeScalars.count)
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
