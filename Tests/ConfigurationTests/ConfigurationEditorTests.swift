import Configuration
import SeededRandom
import Testing

/// A configuration that is typed line by line.
@Suite struct ConfigurationEditorTests {
    private static func editor(_ text: String = "") throws -> ConfigurationEditor {
        try ConfigurationEditor(text: text, fileName: "base.conf")
    }

    /// What is left of a text after lines were typed.
    private static func typed(_ lines: String, on text: String = "") throws -> String {
        var editor = try editor(text)
        for line in lines.split(separator: "\n") { _ = try editor.enter(String(line)) }
        return editor.text
    }

    @Test(arguments: UInt64(1)...40)
    func `the lines of a printed configuration, typed one by one, are that configuration`(seed: UInt64) throws {
        let configuration = RandomConfiguration.make(seed: seed)
        let lines = configuration.canonicalText.split(separator: "\n").map(String.init)
        var editor = try Self.editor()
        for line in lines { _ = try editor.enter(line) }
        #expect(try load(editor.text).configuration == configuration, "seed \(seed)")
        // Typed again they change nothing.
        let first = editor
        for line in lines { _ = try editor.enter(line) }
        #expect(editor.isSame(as: first), "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...60)
    func `a printed configuration is read as the same text`(seed: UInt64) throws {
        let text = RandomConfiguration.make(seed: seed).canonicalText
        let editor = try Self.editor(text)
        #expect(try load(editor.text).configuration == load(text).configuration, "seed \(seed)")
        #expect(try Self.editor(editor.text).isSame(as: editor), "seed \(seed)")
        #expect(editor.differences(from: editor).isEmpty)
    }

    @Test(arguments: UInt64(1)...25)
    func `whatever is typed, the text is read as it is printed`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let lines = (0..<3).flatMap { part in
            RandomConfiguration.make(seed: seed &* 3 &+ part).canonicalText.split(separator: "\n").map(String.init)
        }
        var editor = try Self.editor(RandomConfiguration.make(seed: seed).canonicalText)
        for _ in 0..<60 {
            guard var line = lines.randomElement(using: &generator) else { continue }
            switch UInt8.random(in: 0..<8, using: &generator) {
            case 0...2: line = "no " + line.drop { $0 == " " }
            case 3: line = "! about \(UInt8.random(in: 0...255, using: &generator))"
            case 4: line = "exit"
            default: break
            }
            let before = editor
            do {
                _ = try editor.enter(line)
            } catch {
                #expect(editor.isSame(as: before), "seed \(seed): a refused line changed something: \(line)")
            }
            let again = try Self.editor(editor.text)
            #expect(again.isSame(as: editor), "seed \(seed), after '\(line)':\n\(editor.text)")
        }
    }

    @Test(arguments: UInt64(1)...12)
    func `merged into nothing a text stays itself, and merging it again changes nothing`(seed: UInt64) throws {
        let text = RandomConfiguration.make(seed: seed).canonicalText
        var editor = try Self.editor()
        try editor.merge(text: text, fileName: "more.conf")
        #expect(try load(editor.text).configuration == load(text).configuration, "seed \(seed)")
        let first = editor
        try editor.merge(text: text, fileName: "more.conf")
        #expect(editor.isSame(as: first), "seed \(seed)")
    }

    @Test func `comments stay above their lines and blocks in their order`() throws {
        let text = """
            ! the first line
            hostname a ! the name
            !
            !
            ! of customer two
            ip vrf two
             ! chosen by him
             rd 42:2
            ip vrf one
             rd 42:1
            ! the end

            """
        let editor = try Self.editor(text)
        #expect(
            editor.text == """
                ! the first line
                hostname a ! the name
                !
                ! of customer two
                ip vrf two
                 ! chosen by him
                 rd 42:2
                !
                ip vrf one
                 rd 42:1
                ! the end

                """)
        #expect(try Self.editor(editor.text).isSame(as: editor))
    }

    @Test func `a line takes the place of the one that says something else, and no takes lines away`() throws {
        let base =
            "interface ten1/0\n description old\n mtu 1400\n shutdown\nip access-list extended web\n permit ip any any\n"
        #expect(
            try Self.typed("int ten1/0\ndesc new\nmtu 1500\nno shut\nexit\nhostname b", on: base) == """
                hostname b
                !
                interface ten1/0
                 description new
                 mtu 1500
                !
                ip access-list extended web
                 10 permit ip any any

                """)
        #expect(
            try Self.typed(
                "ip access-list ext web\n5 deny tcp any any\npermit udp any any\nno 10\nno deny tcp any any", on: base
            )
            .hasSuffix("ip access-list extended web\n 20 permit udp any any\n"))
        #expect(
            try Self.typed(
                "interface ten1/0\nno desc\nno mtu\nno interface ten1/0\nno ip access-list extended web", on: base)
                == "")
        #expect(try Self.typed("mpls ip propagate-ttl", on: "no mpls ip propagate-ttl\n") == "")
        #expect(try Self.typed("no mpls ip propagate-ttl") == "no mpls ip propagate-ttl\n")
        #expect(
            try Self.typed("ip access-list resequence web 100 5\nip access-list extended web\nno 100", on: base)
                .hasSuffix("ip access-list extended web\n"))
    }

    /// What is said of a line behind others.
    private static func refusal(_ line: String, behind lines: String = "", on text: String = "") throws -> String {
        var editor = try editor(text)
        for line in lines.split(separator: "\n") { _ = try editor.enter(String(line)) }
        let before = editor
        let error = #expect(throws: InvalidConfiguration.self) { _ = try editor.enter(line) }
        #expect(editor.isSame(as: before))
        return error?.diagnostics.first?.description ?? ""
    }

    @Test func `a wrong line is told at once, and is tried nowhere else`() throws {
        #expect(
            try Self.refusal("descripton x", behind: "interface ten1/0").hasPrefix(
                """
                typed:1:1: error: unknown keyword 'descripton' in 'interface' [unknown-keyword]
                  descripton x
                  ^~~~~~~~~~

                """))
        #expect(try Self.refusal("descripton x", behind: "interface ten1/0").contains("did you mean 'description'?"))
        // The line is one of an interface, and not tried as another one's: the mistake behind it is what is told.
        #expect(try Self.refusal("mtu 70000000", behind: "interface ten1/0").contains("invalid value '70000000'"))
        #expect(try Self.refusal("no mtu", behind: "interface ten1/0").contains("there is no such line here"))
        let lists = "ip prefix-list a seq 5 permit 10.0.0.0/8\nip prefix-list a seq 10 permit 10.0.0.0/8\n"
        #expect(try Self.refusal("no ip prefix-list", on: lists).contains("2 lines begin so"))
        #expect(try Self.typed("no ip prefix-list a", on: lists) == "")
        #expect(try Self.refusal("exit").contains("there is no block to exit"))
        let list = "ip access-list extended web\n 10 permit ip any any\n"
        #expect(
            try Self.refusal("10 deny ip any any", behind: "ip access-list extended web", on: list)
                .contains("'no 10' takes it away"))
        // What was wrong behind a value that contradicts an earlier one is found as well.
        #expect(try Self.refusal("mtu 1500 octets", behind: "interface ten1/0\nmtu 1400").contains("'octets' is more"))
        #expect(try Self.refusal("description \"open").contains("does not end"))
    }

    @Test func `differences stand with their blocks, without passwords`() throws {
        let base = """
            hostname a
            interface ten1/0
             mtu 1400
            router bgp 42
             neighbor 1.2.3.4 remote-as 65001
             neighbor 1.2.3.4 password old
             address-family vpnv4
              neighbor 1.2.3.4 optE

            """
        var editor = try Self.editor(base)
        for line in [
            "hostname b", "int ten1/0", "desc x", "router bgp 42", "neighbor 1.2.3.4 password new",
            "address-family vpnv4", "neighbor 1.2.3.4 maximum-prefix 10",
        ] { _ = try editor.enter(line) }
        #expect(editor.block == ["router bgp 42", "address-family vpnv4"])
        let differences = editor.differences(from: try Self.editor(base))
        #expect(
            differences.map { $0.mark.rawValue + $0.text }.joined(separator: "\n") == """
                -hostname a
                +hostname b
                 interface ten1/0
                + description x
                 router bgp 42
                - neighbor 1.2.3.4 password <hidden>
                + neighbor 1.2.3.4 password <hidden> ! password changed
                  address-family vpnv4
                +  neighbor 1.2.3.4 maximum-prefix 10
                """)
    }

    @Test func `what can come next is known, names included`() throws {
        let base =
            "ip vrf blue\n rd 42:1\ninterface ten1/0\n mtu 1400\nrouter bgp 42\n neighbor 1.2.3.4 remote-as 65001\n"
        var editor = try Self.editor(base)
        func words(_ text: String) -> [String] { editor.hints(behind: text).map(\.word) }
        #expect(words("").contains("hostname") && words("").contains("router"))
        #expect(words("ip ").contains("prefix-list") && words("ip ").contains("vrf"))
        _ = try editor.enter("interface ten1/0")
        #expect(words("").contains("mtu") && !words("").contains("hostname"))
        #expect(words("vrf definition ").contains("blue"))
        #expect(editor.hints(behind: "mtu ").first?.help.contains("octets") == true)
        #expect(words("mtu 1400 ") == ["<cr>"])
        #expect(words("no ").contains("mtu"))
        _ = try editor.enter("router bgp 42")
        #expect(words("neighbor ").contains("1.2.3.4") && words("neighbor 1.2.3.4 ").contains("remote-as"))
        #expect(words("nonsense ").isEmpty)
    }
}
