/// A key as the line editor knows it.
package enum Key: Hashable, Sendable {
    case character(Character)
    case enter
    case tab
    case backspace
    case delete
    case left
    case right
    case up
    case down
    case home
    case end
    case killToEnd
    case killToStart
    case killWord
    case clearScreen
    case interrupt
    /// Control-D.
    case endOfInput
}

/// Turns the octets of a terminal in raw mode into keys: UTF-8, control characters and the cursor keys' sequences
/// (ECMA-48 §5.4 control sequences, and SS3 as terminals in application mode send them).
package struct KeyDecoder: Sendable {
    private enum State: Hashable, Sendable {
        case ground
        case escape
        case sequence(parameter: [UInt8])
        case character([UInt8], missing: Int)
    }

    private var state = State.ground

    package init() {}

    /// - Returns: the key that the octet completes; `nil` for one that belongs to no key or does not end it.
    package mutating func decode(_ octet: UInt8) -> Key? {
        switch state {
        case .ground: return begin(octet)
        case .escape:
            // "[" opens a control sequence, "O" is SS3; anything else is Alt with a key, which means nothing here.
            state = octet == UInt8(ascii: "[") || octet == UInt8(ascii: "O") ? .sequence(parameter: []) : .ground
            return nil
        case .sequence(let parameter):
            // Final octets are 0x40 to 0x7E. No sequence that we know has more than eight octets in front of it.
            guard (0x40...0x7E).contains(octet) || parameter.count >= 8 else {
                state = .sequence(parameter: parameter + [octet])
                return nil
            }
            state = .ground
            return Self.key(final: octet, parameter: parameter)
        case .character(let octets, let missing):
            guard octet & 0xC0 == 0x80 else {
                state = .ground
                return begin(octet)
            }
            guard missing == 1 else {
                state = .character(octets + [octet], missing: missing - 1)
                return nil
            }
            state = .ground
            return String(validating: octets + [octet], as: UTF8.self)?.first.map { .character($0) }
        }
    }

    private mutating func begin(_ octet: UInt8) -> Key? {
        switch octet {
        case 0x20...0x7E: return .character(Character(UnicodeScalar(octet)))
        case 0x1B: state = .escape
        case 0xC2...0xDF: state = .character([octet], missing: 1)
        case 0xE0...0xEF: state = .character([octet], missing: 2)
        case 0xF0...0xF4: state = .character([octet], missing: 3)
        default: return Self.control(octet)
        }
        return nil
    }

    /// The keys of Emacs and of every shell.
    private static func control(_ octet: UInt8) -> Key? {
        switch octet {
        case 0x01: .home
        case 0x02: .left
        case 0x03: .interrupt
        case 0x04: .endOfInput
        case 0x05: .end
        case 0x06: .right
        case 0x08, 0x7F: .backspace
        case 0x09: .tab
        case 0x0A, 0x0D: .enter
        case 0x0B: .killToEnd
        case 0x0C: .clearScreen
        case 0x0E: .down
        case 0x10: .up
        case 0x15: .killToStart
        case 0x17: .killWord
        default: nil
        }
    }

    private static func key(final: UInt8, parameter: [UInt8]) -> Key? {
        switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "~"):
            switch parameter {
            case [UInt8(ascii: "1")], [UInt8(ascii: "7")]: .home
            case [UInt8(ascii: "4")], [UInt8(ascii: "8")]: .end
            case [UInt8(ascii: "3")]: .delete
            default: nil
            }
        default: nil
        }
    }
}
