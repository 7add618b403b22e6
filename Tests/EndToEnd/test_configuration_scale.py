"""A box with hundreds of VRFs: one line more or less touches what it is about. `configuration_scale_bench.py` measures it."""

import glob
import os
import struct
import time

from many_routes import Crossing, ManyRoutes, configuration

VRFS = 500
SECOND_PORT = "port ten1/2\n device net_null0,no-rx=1\n mac-address 02:00:00:00:00:77\n mtu 1600\n!\n"
SECOND_NNI = "interface ten1/2\n encap mpls optE\n ip address 10.98.0.2/30\n"
SECOND_NEIGHBOR = (" neighbor 10.98.0.1 remote-as 65002\n address-family vpnv4\n  neighbor 10.98.0.1 optE\n"
                   " address-family ipv4 vrf red\n")
# What stands between the header's first fields and the sections, and which section the neighbors are: their ages go on.
SECTIONS, NEIGHBORS, ALL = 32, 10, 20


def two_nnis():
    """Each of the VRFs has a unit on both."""
    text = configuration(VRFS)
    text = text.replace("interface ten1/1\n", SECOND_PORT + SECOND_NNI + "interface ten1/1\n")
    return text.replace(" address-family ipv4 vrf red\n", SECOND_NEIGHBOR)


def blocks(box):
    """The tables in use, 64 octets each, without the neighbors' ages; zeros are left out."""
    newest = max(glob.glob(os.path.join(box.runtime_directory, "tables.*")), key=lambda path: int(path.rsplit(".", 1)[1]))
    found = {}
    with open(newest, "rb") as file:
        header = file.read(SECTIONS + 16 * ALL)
        offset, count, size = struct.unpack_from("QII", header, SECTIONS + 16 * NEIGHBORS)
        position = 0
        file.seek(0)
        while chunk := file.read(1 << 20):
            if chunk.count(0) != len(chunk):
                for begin in range(0, len(chunk), 64):
                    place, block = position + begin, chunk[begin:begin + 64]
                    if not offset <= place < offset + count * size and block.count(0) != len(block):
                        found[place] = block
            position += len(chunk)
    return found


def settled(box):
    """The same, once nothing changes any more."""
    before = None
    for _ in range(100):
        now = blocks(box)
        if now == before:
            return now
        before = now
        time.sleep(0.3)
    raise TimeoutError("the tables change all the time")


def test_one_line_among_hundreds_of_vrfs_touches_its_own_records(lab):
    many = ManyRoutes(lab, VRFS)
    box = many.box
    box.wait(lambda: box.json("show", "ports")["ports"], "the box up")
    box.replace(two_nnis())
    many.connect()
    box.wait(lambda: len(box.json("show", "interfaces")["interfaces"]) == 3 + 2 * (VRFS + 1), "all units")
    before = settled(box)
    changed = two_nnis().replace("interface ten1/1\n", "interface ten1/1\n mtu 1400\n")
    with Crossing(many) as crossing:
        assert "mtu 1400" in box.replace(changed)
        # The hold time is nine seconds: an answer to a refresh shows that the session is still the same.
        many.peer.barrier()
        assert not many.peer.is_closed.is_set()
    assert crossing.sent > 0
    assert crossing.arrived == crossing.sent
    after = settled(box)
    different = [place for place in before.keys() | after.keys() if before.get(place) != after.get(place)]
    # One record, the slot that leads to it, and the next hops of its VRF; 1,002 units have records that are as they were.
    assert 0 < len(different) <= 40
    # All the other way round, to where it was.
    assert "mtu 1400" in box.replace(two_nnis())
    many.peer.barrier()
    assert not many.peer.is_closed.is_set()
