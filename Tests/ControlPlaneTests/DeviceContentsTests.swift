import Addressing
import ControlPlane
import Testing

@Suite struct DeviceContentsTests {
    private static func fields(_ text: String) -> [[Substring]] {
        text.split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" } }
    }

    /// Lines of Linux 6.1 and, with the metric signed, of older kernels.
    @Test func onlyRoutesOfTheDeviceWithOurPriorityAreOurs() {
        let lines = Self.fields(
            """
            Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
            stile0\t0007000A\t00000000\t0001\t0\t0\t4000000000\t00FFFFFF\t0\t0\t0
            stile0\t0008000A\t00000000\t0001\t0\t0\t-294967296\t00FFFFFF\t0\t0\t0
            stile0\t0009000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
            core0\t000A000A\t00000000\t0001\t0\t0\t4000000000\t00FFFFFF\t0\t0\t0
            stile0\t000B000A
            """)
        #expect(
            DeviceContents.ipv4Routes(of: "stile0", in: lines).map(\.description).sorted() == [
                "10.0.7.0/24", "10.0.8.0/24",
            ])
    }

    @Test func ipv6RoutesToo() {
        let zeros = String(repeating: "0", count: 32)
        let lines = Self.fields(
            """
            20010db8000700000000000000000000 30 \(zeros) 00 \(zeros) ee6b2800 00000001 00000000 00000001   stile0
            20010db8000800000000000000000000 30 \(zeros) 00 \(zeros) 00000400 00000001 00000000 00000001   stile0
            20010db8000900000000000000000000 30 \(zeros) 00 \(zeros) ee6b2800 00000001 00000000 00000001    core0
            20010db8000a0000 30
            """)
        #expect(
            DeviceContents.ipv6Routes(of: "stile0", in: lines).map(\.description) == ["2001:db8:7::/48"])
    }
}
