/// Messages that other implementations sent to a listener on loopback.
enum Captures {
    /// GoBGP 3.10, AS 65002, both VPN families, graceful restart 120 s.
    static let goBGPOpen = octets(
        """
        ffffffffffffffffffffffffffffffff00530104fdea005a0a6300013602340200490402766d0001040001008001040002008041040000
        fdea400a00780001800000028000050c000100800002000200800002
        """)
    /// GoBGP: 65002:1:2001:db8:2::/48 label 2002, next hop 2001:db8::2, route target 42:1.
    static let goBGPAnnouncementIPv6 = octets(
        """
        ffffffffffffffffffffffffffffffff0061020000004a4001010240020602010000fdea800e2f00028018000000000000000020010db8
        0000000000000000000000020088007d210000fdea0000000120010db80002c010080002002a00000001
        """)
    /// GoBGP: 65002:1:203.0.113.0/24 label 2001, next hop 10.99.0.2, route target 42:1.
    static let goBGPAnnouncementIPv4 = octets(
        """
        ffffffffffffffffffffffffffffffff0052020000003b4001010240020602010000fdea800e200001800c00000000000000000a630002
        0070007d110000fdea00000001cb0071c010080002002a00000001
        """)
    /// GoBGP: the same IPv4 route withdrawn, with the label that it had.
    static let goBGPWithdrawal = octets(
        "ffffffffffffffffffffffffffffffff002c0200000015800f1200018070007d110000fdea00000001cb0071")
    /// GoBGP: a neighbor shut down with the reason "moving".
    static let goBGPShutdown = octets("ffffffffffffffffffffffffffffffff001c030602066d6f76696e67")

    /// FRR 8.4.4, AS 65001, hold time 180 s, one optional parameter for each capability.
    static let frrOpen = octets(
        """
        ffffffffffffffffffffffffffffffff00790104fde900b40a6300095c0206010400010080020601040002008002028000020202000202
        4600020641040000fde902020600020a450800018001000280010206490402766d00020c400ac07800018000000280000210470e000180
        8000000000028080000000
        """)
    /// FRR: 65001:1:192.0.2.0/24 label 1001, next hop 127.0.0.1.
    static let frrAnnouncementIPv4 = octets(
        """
        ffffffffffffffffffffffffffffffff00500200000039900e00200001800c00000000000000007f0000010070003e910000fde9000000
        01c00002400101005002000602010000fde980040400000000
        """)
    /// FRR: 65001:1:2001:db8:1::/48 label 1001, next hop ::ffff:127.0.0.1.
    static let frrAnnouncementIPv6 = octets(
        """
        ffffffffffffffffffffffffffffffff005f0200000048900e002f00028018000000000000000000000000000000000000ffff7f000001
        0088003e910000fde90000000120010db80001400101005002000602010000fde980040400000000
        """)
    /// FRR: the IPv4 route withdrawn, with a label field of zeros.
    static let frrWithdrawal = octets(
        "ffffffffffffffffffffffffffffffff002d0200000016900f0012000180700000000000fde900000001c00002")

    /// scapy 2.5: AS 4200000001, VPN-IPv4, route refresh.
    static let scapyOpen = octets(
        """
        ffffffffffffffffffffffffffffffff003101045ba000b4c00002011402060104000100800202020002064104fa56ea01
        """)
}
