import Addressing

/// Passwords are never printed but where the box keeps its own configuration: everywhere else stands `<hidden>`. Read
/// back it means the password that the running configuration has at the same place.
public enum HiddenPassword {
    /// What stands in a password's place.
    public static let word = "<hidden>"
    /// What a difference says of a password that is another one.
    static let changed = "<password-changed>"

    /// A text as it was written, valid or not, without its passwords.
    public static func masking(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(decoding: MaskedLine(Array(line.utf8)[...]).octets, as: UTF8.self)
        }.joined(separator: "\n")
    }
}

extension Configuration {
    /// The same with `<hidden>` for every password, to be shown.
    public var withHiddenPasswords: Configuration { replacingPasswords { _, _ in HiddenPassword.word } }

    /// Likewise, with a mark for those that are others than in `old`.
    func withHiddenPasswords(since old: Configuration) -> Configuration {
        replacingPasswords { place, password in
            let former = old.password(at: place)
            return former == nil || former == password ? HiddenPassword.word : HiddenPassword.changed
        }
    }

    /// The password of a neighbor or peer group itself.
    func password(at place: PeerKey) -> String? {
        switch place {
        case .neighbor(let name): bgp?.neighbors[name]?.settings.password
        case .group(let name): bgp?.peerGroups[name]?.settings.password
        }
    }

    private func replacingPasswords(_ replacement: (PeerKey, String) -> String) -> Configuration {
        guard let bgp else { return self }
        var result = self
        for (name, group) in bgp.peerGroups {
            guard let password = group.settings.password else { continue }
            result.bgp?.peerGroups[name]?.settings.password = replacement(.group(name), password)
        }
        for (name, neighbor) in bgp.neighbors {
            guard let password = neighbor.settings.password else { continue }
            result.bgp?.neighbors[name]?.settings.password = replacement(.neighbor(name), password)
        }
        return result
    }
}
