import Addressing
import Testing

@Suite struct MACAddressTests {
    @Test func `octets, text and number agree`() throws {
        let address = try #require(MACAddress("02:00:5e:10:00:ff"))
        #expect(address.rawValue == 0x0200_5E10_00FF)
        #expect(address.octets == [2, 0, 0x5E, 0x10, 0, 0xFF])
        #expect(MACAddress(octets: address.octets) == address)
        #expect(address.description == "02:00:5e:10:00:ff")
        #expect(MACAddress("0200.5e10.00ff") == address)
        #expect(!address.isGroup)
        #expect(MACAddress.broadcast.isGroup)
    }

    @Test(arguments: [
        "", "02:00:5e:10:00", "02:00:5e:10:00:ff:00", "02-00-5e-10-00-ff", "2:0:5e:10:0:ff", "02:00:5e:10:00:fg",
        "+1:00:00:00:00:00", "0200.5e10", "0200.5e10.00f", "0200.5e10.00ff.0000", "02005e1000ff", "0200:5e10:00ff",
        "02.00.5e.10.00.ff",
    ])
    func `anything else is refused`(text: String) {
        #expect(MACAddress(text) == nil)
    }

    @Test func `labels are 20 bits`() {
        #expect(MPLSLabel(rawValue: 0xFFFFF)?.isReserved == false)
        #expect(MPLSLabel(rawValue: 15)?.isReserved == true)
        #expect(MPLSLabel(rawValue: 0x100000) == nil)
    }
}
