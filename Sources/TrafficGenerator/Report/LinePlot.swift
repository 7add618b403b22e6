import Foundation

/// A plot of a few series of points, as SVG.
public struct LinePlot: Hashable, Sendable {
    public struct Series: Hashable, Sendable {
        public var name: String
        public var points: [Point]

        public init(name: String, points: [Point]) {
            self.name = name
            self.points = points
        }
    }

    public struct Point: Hashable, Sendable {
        public var x: Double
        public var y: Double

        public init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    public var title: String
    public var xTitle: String
    public var yTitle: String
    public var series: [Series]

    public init(title: String, xTitle: String, yTitle: String, series: [Series]) {
        self.title = title
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.series = series
    }

    /// Colours that stay apart for the colour-blind (Okabe and Ito, 2008).
    private static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
    private static let width = 760.0
    private static let height = 440.0
    private static let left = 80.0
    private static let right = 20.0
    private static let top = 40.0
    private static let bottom = 60.0

    public var svg: String {
        let points = series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
        let xTicks = Self.ticks(0, points.map(\.x).max() ?? 1)
        let yTicks = Self.ticks(0, points.map(\.y).max() ?? 1)
        let xEnd = xTicks.last ?? 1
        let yEnd = yTicks.last ?? 1
        func x(_ value: Double) -> Double { Self.left + value / xEnd * (Self.width - Self.left - Self.right) }
        func y(_ value: Double) -> Double {
            Self.height - Self.bottom - value / yEnd * (Self.height - Self.top - Self.bottom)
        }
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" "
                + "font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            Self.label(title, x: Self.width / 2, y: 22, anchor: "middle", size: 15),
            Self.label(xTitle, x: Self.width / 2, y: Self.height - 14, anchor: "middle"),
            "<g transform=\"rotate(-90 18 \(Self.text(Self.height / 2)))\">"
                + Self.label(yTitle, x: 18, y: Self.height / 2, anchor: "middle") + "</g>",
        ]
        for tick in yTicks {
            lines.append(Self.line(Self.left, y(tick), Self.width - Self.right, y(tick), "#DDDDDD"))
            lines.append(Self.label(Self.text(tick), x: Self.left - 8, y: y(tick) + 4, anchor: "end"))
        }
        for tick in xTicks {
            lines.append(
                Self.line(x(tick), Self.height - Self.bottom, x(tick), Self.height - Self.bottom + 5, "#000000"))
            lines.append(Self.label(Self.text(tick), x: x(tick), y: Self.height - Self.bottom + 20, anchor: "middle"))
        }
        lines.append(
            Self.line(
                Self.left, Self.height - Self.bottom, Self.width - Self.right, Self.height - Self.bottom, "#000000"))
        for (index, one) in series.enumerated() {
            let colour = Self.colours[index % Self.colours.count]
            let drawn = one.points.filter { $0.x.isFinite && $0.y.isFinite }.sorted { $0.x < $1.x }
            let path = drawn.map { "\(Self.text(x($0.x))),\(Self.text(y($0.y)))" }.joined(separator: " ")
            lines.append("<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>")
            for point in drawn {
                lines.append(
                    "<circle cx=\"\(Self.text(x(point.x)))\" cy=\"\(Self.text(y(point.y)))\" r=\"3\" fill=\"\(colour)\"/>"
                )
            }
            let row = Self.top + 8 + Double(index) * 16
            lines.append(Self.line(Self.width - 190, row, Self.width - 170, row, colour))
            lines.append(Self.label(one.name, x: Self.width - 164, y: row + 4, anchor: "start"))
        }
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    /// Round numbers from `low` to at least `high`, five to ten of them.
    static func ticks(_ low: Double, _ high: Double) -> [Double] {
        let span = high - low > 0 && (high - low).isFinite ? high - low : 1
        let magnitude = pow(10, floor(log10(span / 5)))
        let step = [1, 2, 5, 10].map { $0 * magnitude }.first { span / $0 <= 8 } ?? magnitude * 10
        return (0...Int((span / step).rounded(.up))).map { low + Double($0) * step }
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(format: "%.4g", value)
    }

    private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) -> String {
        "<line x1=\"\(text(x1))\" y1=\"\(text(y1))\" x2=\"\(text(x2))\" y2=\"\(text(y2))\" stroke=\"\(colour)\"/>"
    }

    private static func label(_ label: String, x: Double, y: Double, anchor: String, size: Int = 12) -> String {
        let safe = label.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        return "<text x=\"\(text(x))\" y=\"\(text(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">\(safe)</text>"
    }
}
