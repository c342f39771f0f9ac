"""Says which texts Python compiles: frames of JSON, read from stdin and answered on stdout."""

import ast
import json
import struct
import sys


ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


def fault(text):
    """Returns the error of the grammar, or of the compiler behind it."""
    for stage, flags in [("", ast.PyCF_ONLY_AST), ("compiler: ", 0)]:
        try:
            compile(text, "layer", "exec", flags, dont_inherit=True)
        except ERRORS as error:
            return f"{stage}{type(error).__name__}: {error}"
    return None


while length := sys.stdin.buffer.read(4):
    texts = json.loads(sys.stdin.buffer.read(struct.unpack("<I", length)[0]))
    answer = {"version": sys.version_info[:2], "faults": [fault(text) for text in texts]}
    frame = b"+" + json.dumps(answer).encode()
    sys.stdout.buffer.write(struct.pack("<I", len(frame)) + frame)
    sys.stdout.buffer.flush()
