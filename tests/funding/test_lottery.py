"""The lottery: nobody can steer it, and the published script draws the same."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding import draw_script
from funding.lottery import commitment, draw, ticket, verify

SEED = bytes(range(32))
PUBLIC = "drand quicknet round 4242: 9f3c"
IDS = tuple(f"KJC-2026-{number:03}" for number in range(1, 13))


def run_script(folder, **changes):
    published = {
        "commitment": commitment(SEED),
        "seed": SEED.hex(),
        "public_value": PUBLIC,
        "ids": list(IDS),
        **changes,
    }
    path = folder / "published.json"
    path.write_text(json.dumps(published, ensure_ascii=False), encoding="utf-8")
    # -I: nothing of this project, nothing but the standard library's own folders.
    command = (sys.executable, "-I", "-S", draw_script.__file__, str(path))
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_ticket_is_the_number_that_the_description_says():
    # HMAC by hand, RFC 2104: two hashes around the key, filled up to the block of 64 bytes.
    key = SEED.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + PUBLIC.encode() + b"\0KJC-1")
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner.digest())

    assert ticket(SEED, PUBLIC, "KJC-1") == int(outer.hexdigest(), 16)
    assert commitment(SEED) == hashlib.sha256(SEED).hexdigest()


@given(st.permutations(IDS))
def test_order_of_entry_does_not_matter(ids):
    assert draw(ids, SEED, PUBLIC) == draw(IDS, SEED, PUBLIC)


@given(st.sets(st.sampled_from(IDS), min_size=1))
def test_who_else_takes_part_does_not_change_who_is_before_whom(some):
    drawn = draw(tuple(some), SEED, PUBLIC)

    assert drawn == tuple(one for one in draw(IDS, SEED, PUBLIC) if one in some)


def test_everybody_is_first_equally_often():
    firsts = [draw(IDS[:4], SEED, f"round {number}")[0] for number in range(4000)]

    assert all(880 < firsts.count(one) < 1120 for one in IDS[:4])


def test_true_draw_is_verified():
    assert verify(commitment(SEED), SEED, PUBLIC, draw(IDS, SEED, PUBLIC))


@pytest.mark.parametrize(
    ("promised", "seed", "public_value"),
    (
        (commitment(b"another seed, long enough"), SEED, PUBLIC),
        (commitment(SEED), SEED + b"\0", PUBLIC),
        (commitment(SEED), SEED, PUBLIC + "0"),
        (commitment(SEED), b"short", PUBLIC),
        ("", SEED, PUBLIC),
        ("한글", SEED, PUBLIC),
    ),
)
def test_false_draw_is_not_verified(promised, seed, public_value):
    assert not verify(promised, seed, public_value, draw(IDS, SEED, PUBLIC))


def test_swapped_order_is_not_verified():
    first, second, *rest = draw(IDS, SEED, PUBLIC)

    assert not verify(commitment(SEED), SEED, PUBLIC, (second, first, *rest))


def test_parts_of_the_message_cannot_be_shifted():
    assert ticket(SEED, "ab", "c") != ticket(SEED, "a", "bc")


@pytest.mark.parametrize("text", ("", " 1", "1 ", "a\0b", "\u1112\u1161\u11ab"))
def test_texts_that_could_be_read_two_ways_are_refused(text):
    with pytest.raises(ValueError, match=r"NFC|empty"):
        ticket(SEED, PUBLIC, text)
    with pytest.raises(ValueError, match=r"NFC|empty"):
        ticket(SEED, text, "1")


def test_application_that_is_there_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        draw(("a", "a"), SEED, PUBLIC)


@pytest.mark.parametrize("ids", (IDS, ("과제-1", "Ünder-2", "3")))
def test_script_draws_the_same_with_nothing_but_python(tmp_path, ids):
    drawn = draw(ids, SEED, PUBLIC)

    done = run_script(tmp_path, ids=list(ids), order=list(drawn))

    assert (done.stdout.splitlines(), done.returncode, done.stderr) == (list(drawn), 0, "")


@pytest.mark.parametrize(
    ("changes", "words"),
    (
        ({"seed": "00" * 32}, "seed"),
        ({"commitment": "00" * 32}, "seed"),
        ({"order": list(IDS)}, "order"),
        ({"ids": ["a", "a"]}, "twice"),
    ),
)
def test_script_says_what_is_not_as_promised(tmp_path, changes, words):
    done = run_script(tmp_path, **changes)

    assert done.returncode == 1
    assert words in done.stderr


def test_script_imports_only_the_standard_library():
    lines = Path(draw_script.__file__).read_text().splitlines()
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}

    assert imported <= set(sys.stdlib_module_names)
