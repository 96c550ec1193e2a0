"""Draw a published lottery again. Needs Python 3.7 or newer and nothing else.

    python3 draw_script.py published.json

The file has "commitment" (64 hexadecimal digits, published before), "seed" (hexadecimal), the
"public_value", the "ids" of the applications, and, if it is to be compared, their "order". Prints
one application a line, the first drawn first; ends with 1 if seed or order is not what was promised.

Ticket: HMAC-SHA256, key: the seed's bytes, message: public value in UTF-8, one zero byte, id in
UTF-8. The lowest ticket goes first.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any


def ticket(seed: bytes, public_value: str, application_id: str) -> bytes:
    """Return the ticket of an application: 32 bytes, compared from the left."""
    message = public_value.encode("utf-8") + b"\0" + application_id.encode("utf-8")
    return hmac.new(seed, message, hashlib.sha256).digest()


def problem_of(published: "dict[str, Any]", drawn: "list[str]") -> str:
    """Return what is not as promised; nothing if all is."""
    seed = bytes.fromhex(published["seed"])
    if hashlib.sha256(seed).hexdigest() != published["commitment"]:
        return "The seed is not the one that was promised."
    if published.get("order", drawn) != drawn:
        return "The published order is not the one that was drawn."
    return "An application is there twice." if len(set(drawn)) != len(drawn) else ""


def main(path: str) -> int:
    """Draw, print the order, and compare; return how the process should end."""
    published = json.loads(Path(path).read_text(encoding="utf-8"))
    seed = bytes.fromhex(published["seed"])
    ids = published["ids"]
    drawn = sorted(ids, key=lambda one: ticket(seed, published["public_value"], one))
    sys.stdout.buffer.write("".join(one + "\n" for one in drawn).encode("utf-8"))
    problem = problem_of(published, drawn)
    sys.stderr.write(problem + "\n" if problem else "")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
