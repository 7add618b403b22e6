import NIOCore

/// What arrived up to a newline.
package enum ReceivedLine: Hashable, Sendable {
    /// The newline is taken off.
    case line(ByteBuffer)
    /// The line exceeds the limit; all of it is thrown away.
    case tooLong
}

/// Cuts a stream of octets at newlines and never holds more than one line of the longest allowed length.
package struct LineDecoder: NIOSingleStepByteToMessageDecoder {
    package typealias InboundOut = ReceivedLine

    private let largestBytes: Int
    /// Octets at the front of the buffer that are known to hold no newline.
    private var scannedBytes = 0
    private var isDiscarding = false

    package init(largestBytes: Int) { self.largestBytes = largestBytes }

    package mutating func decode(buffer: inout ByteBuffer) -> ReceivedLine? {
        while let newline = buffer.readableBytesView.dropFirst(scannedBytes).firstIndex(of: UInt8(ascii: "\n")) {
            let length = newline - buffer.readerIndex
            scannedBytes = 0
            guard let line = buffer.readSlice(length: length) else { return nil }
            buffer.moveReaderIndex(forwardBy: 1)
            if isDiscarding {
                // The rest of a line that was reported as too long.
                isDiscarding = false
                continue
            }
            return length > largestBytes ? .tooLong : .line(line)
        }
        if !isDiscarding, buffer.readableBytes <= largestBytes {
            scannedBytes = buffer.readableBytes
            return nil
        }
        let wasDiscarding = isDiscarding
        isDiscarding = true
        scannedBytes = 0
        buffer.moveReaderIndex(to: buffer.writerIndex)
        return wasDiscarding ? nil : .tooLong
    }

    /// What stands behind the last newline when the client goes is no request.
    package mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) -> ReceivedLine? {
        decode(buffer: &buffer)
    }
}
