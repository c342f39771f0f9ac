"""A plugin's client in another language: what gRPC's C core does with a socket's path.

Arguments: socket, archive, the application's folder in it. Messages are written by hand,
so that no generated code is needed.
"""

import hashlib
import sys

import grpc

SERVICE = "/plugin.ConfigManagementPluginService/"


def field(number, content):
    """One length-delimited field of a protobuf message."""
    length = len(content)
    size = bytearray()
    while length > 0x7F:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    size.append(length)
    return bytes([number << 3 | 2]) + bytes(size) + content


def messages(archive, folder):
    digest = hashlib.sha256(archive).hexdigest().encode()
    yield field(1, field(1, b"app") + field(2, folder.encode()) + field(3, digest))
    for at in range(0, len(archive), 1024):
        yield field(2, field(1, archive[at : at + 1024]))


def main(socket, archive, folder):
    with open(archive, "rb") as file:
        archive = file.read()
    # No option for the authority: the default is what is tested.
    with grpc.insecure_channel(f"unix:{socket}") as channel:
        check = channel.unary_unary(SERVICE + "CheckPluginConfiguration")
        print("configuration:", check(b"", timeout=600))
        generate = channel.stream_unary(SERVICE + "GenerateManifest")
        answer = generate(messages(archive, folder), timeout=600)
        print(answer.decode(errors="replace"))


main(*sys.argv[1:])
