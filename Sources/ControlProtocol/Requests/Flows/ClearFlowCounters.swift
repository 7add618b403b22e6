/// `clear.flow.counters`: the counters of flow caches and exporters begin at zero; no flow is lost.
public struct ClearFlowCounters: ParameterlessRequest {
    public typealias Answer = CountersClearedResult
    public static let method = "clear.flow.counters"

    public init() {}
}
