import NIOCore

/// Prometheus' text format, version 0.0.4: of each metric what it means, its type, and a line for each sample.
///
///     # HELP stile_port_receive_packets_total Frames that the device has received.
///     # TYPE stile_port_receive_packets_total counter
///     stile_port_receive_packets_total{port="ten1/0"} 17
///
/// Samples that follow one another belong to one metric: each metric is written once. One without samples is left out.
public struct MetricsText: Sendable {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    public private(set) var buffer: ByteBuffer

    public init() { buffer = ByteBufferAllocator().buffer(capacity: 1 << 16) }

    /// What only ever rises, until it begins anew; `name` is without the suffix `_total`.
    mutating func counter(_ name: String, _ help: String, _ samples: [MetricSample]) {
        write(name + "_total", "counter", help, samples)
    }

    /// What goes up and down.
    mutating func gauge(_ name: String, _ help: String, _ samples: [MetricSample]) {
        write(name, "gauge", help, samples)
    }

    private mutating func write(_ name: String, _ type: String, _ help: String, _ samples: [MetricSample]) {
        guard !samples.isEmpty else { return }
        buffer.writeString("# HELP \(name) ")
        writeEscaped(help, quotes: false)
        buffer.writeString("\n# TYPE \(name) \(type)\n")
        for sample in samples {
            buffer.writeString(name)
            for (index, label) in sample.labels.enumerated() {
                buffer.writeString(index == 0 ? "{" : ",")
                buffer.writeString(label.name)
                buffer.writeString("=\"")
                writeEscaped(label.value, quotes: true)
                buffer.writeString("\"")
            }
            buffer.writeString(sample.labels.isEmpty ? " " : "} ")
            switch sample.value {
            case .count(let count): buffer.writeString(String(count))
            case .number(let number): buffer.writeString("\(number)")
            }
            buffer.writeString("\n")
        }
    }

    /// A help text escapes backslash and line feed, a label's value also its quotes.
    private mutating func writeEscaped(_ text: String, quotes: Bool) {
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "\\"): buffer.writeString("\\\\")
            case UInt8(ascii: "\n"): buffer.writeString("\\n")
            case UInt8(ascii: "\"") where quotes: buffer.writeString("\\\"")
            default: buffer.writeInteger(octet)
            }
        }
    }
}
