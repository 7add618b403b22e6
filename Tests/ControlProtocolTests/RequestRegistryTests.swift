import ControlProtocol
import ControlProtocolSamples
import Foundation
import Testing

/// What a request must have beside its own file.
@Suite("Registry of the requests")
struct RequestRegistryTests {
    @Test("every request has a method of its own, and a sample")
    func samples() {
        let methods = RequestRegistry.all.map { $0.method }
        #expect(Set(methods).count == methods.count)
        #expect(Samples.exchanges.map(\.description) == methods)
    }

    @Test("every result has a form of its own, but for what several requests share")
    func schemas() {
        let schemas = Dictionary(grouping: Samples.exchanges) { $0.answer.schema }
        #expect(schemas.keys.allSatisfy { $0.hasPrefix("stile.") && $0.contains("/") })
        let shared = schemas.filter { $0.value.count > 1 }
        #expect(
            shared.keys.sorted() == [
                "stile.candidate/1", "stile.clear.counters/1", "stile.config.check/1", "stile.config.diff/1",
                "stile.config.replace/1",
            ])
    }

    @Test("no golden document is left of a request that is gone")
    func goldenDocuments() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let expected = RequestRegistry.all.flatMap { request in
            ["json", "txt", "request.json"].map { "\(request.method).\($0)" }
        }
        #expect(files.sorted() == expected.sorted())
    }

    @Test("a request without parameters has no params, and all others have")
    func parameters() throws {
        for sample in Samples.exchanges {
            let line = String(
                decoding: try RequestDocument(identifier: nil, request: sample.request).line(), as: UTF8.self)
            #expect(line.contains(#""params""#) == !(sample.request is any ParameterlessRequest), "\(sample)")
        }
    }

    @Test("where every parameter may be left out, so may params")
    func leftOutParameters() throws {
        for request in RequestRegistry.all {
            func read(_ params: String) throws -> any ControlRequest {
                let line = #"{"jsonrpc":"2.0","method":"\#(request.method)"\#(params),"id":1}"#
                return try RequestDocument(line: Data(line.utf8)).request
            }
            if let given = try? read(#","params":{}"#) {
                for params in [try read(""), try read(#","params":null"#)] {
                    #expect(AnyHashable(params) == AnyHashable(given))
                }
            } else {
                let error = #expect(throws: RejectedRequest.self) { try read("") }
                #expect(error?.error.message == "\(request.method): 'params' is missing")
            }
        }
    }
}
