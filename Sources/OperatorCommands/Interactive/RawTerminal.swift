import Foundation

/// The terminal on standard input while a line is edited: no echo, each octet at once.
struct RawTerminal: ~Copyable {
    private let original: termios

    /// Puts the terminal into raw mode until the value is gone; `nil` if standard input is no terminal.
    static func open() -> RawTerminal? {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        let original = settings
        settings.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INPCK | ISTRIP | IXON)
        settings.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
        settings.c_cc.6 = 1  // VMIN: at least one octet,
        settings.c_cc.5 = 0  // VTIME: however long it takes
        guard tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) == 0 else { return nil }
        return RawTerminal(original: original)
    }

    deinit {
        var settings = original
        tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
    }

    /// The next octet; `nil` at the end of the input.
    func read() -> UInt8? {
        var octet: UInt8 = 0
        while true {
            let count = Foundation.read(STDIN_FILENO, &octet, 1)
            if count == 1 { return octet }
            guard count < 0, errno == EINTR else { return nil }
        }
    }

    /// Lines of the screen; 0 if it does not say.
    static var rows: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return 0 }
        return Int(size.ws_row)
    }

    /// Columns of the screen; 80 if it does not say.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
