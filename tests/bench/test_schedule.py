"""The command for published schedules: every form of file, a checker that finds what is planted."""

import dataclasses
import json
import os
import signal
import subprocess
import sys

import pytest

from bench import schedule, schedule_table
from bench.schedule_checker import violations
from bench.schedule_data import Instance, read_instance
from bench.schedule_tokens import BadFileError

PLAIN = """
nBusiness = 4;
nMeetings = 3;
nTables = 2;
nTotalSlots = 4;
nMorningSlots = 2;
requested = [|1, 2,1,
|3, 4,2,
|1, 3,3,
|];
meetingsxBusiness = [{1,2,4}, {1,2}, {1,3,4}, {1,3}];
nMeetingsBusiness = [2,1,2,1];
forbidden = [{4}, {}, {}, {1,2}];
fixed = [0,0,2];
precedences = [{},{},{1}];
"""
ODD = """% A comment = with; signs
int: nTotalSlots = 4; int: nBusiness = 4; nTables=2;
/* nTables = 7;
   over lines */ nMorningSlots = 2;
set of int: SLOTS = 1..nTotalSlots;
name = "not, needed; at = all";
array[1..nBusiness] of set of int: forbidden = array1d(1..nBusiness, [4..4, {}, 1..0, 1..2]);
requested = array2d(1..3, 1..3, [1, 2, 1,  3, 4, 2,  1, 3, 3]);
fixat = [0, 0, 2,]; % no semicolon at the end
precedences = [{0}, {}, {1, 0}]"""
BENCH = ("-m", "bench.schedule")


def written(tmp_path, text, name="some.dzn"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_odd_forms_say_the_same_as_the_plain_one(tmp_path):
    plain = read_instance(written(tmp_path, PLAIN))

    assert read_instance(written(tmp_path, ODD)) == plain
    assert plain == Instance(
        name="some",
        people=4,
        tables=2,
        slots=4,
        morning=2,
        requested=[(1, 2, 1), (3, 4, 2), (1, 3, 3)],
        forbidden=[{4}, set(), set(), {1, 2}],
        fixed=[0, 0, 2],
        precedences=[set(), set(), {1}],
    )


def test_what_is_missing_restricts_nothing(tmp_path):
    text = "nBusiness=2;nTables=1;nTotalSlots=3;requested=[|1,2,3|1,2,3|];"

    instance = read_instance(written(tmp_path, text))

    assert instance.fixed == [0, 0]
    assert instance.forbidden == instance.precedences == [set(), set()]
    assert instance.morning == 3


@pytest.mark.parametrize("empty", ("[||]", "[]", "[| |]", "array2d(1..0, 1..3, [])"))
def test_no_meetings_are_a_schedule(tmp_path, empty):
    text = f"nBusiness=2;nMeetings=0;nTables=1;nTotalSlots=3;requested={empty};"

    solved = schedule.solved_file(written(tmp_path, text), 0, 60)

    assert (solved.status, solved.objective, solved.schedule) == ("optimal", 0, [])


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    (
        ("nTables = 2;", "", 0, "nTables is missing"),
        ("nTables = 2;", "nTables = {2};", 4, "must be a number"),
        ("nTables = 2;", "nTables = -2;", 4, "at least 0"),
        ("nTables = 2;", "nTables = 2", 5, "';' expected"),
        ("nTables = 2;", "nTables = 2; nTables = 3;", 4, "twice"),
        ("nTables = 2;", "nTables = 2 § 3;", 4, "unexpected"),
        ("nMeetings = 3;", "nMeetings = 4;", 7, "9 numbers, not 3 × 4"),
        ("|3, 4,2", "|3, 9,2", 7, "meeting 2 is between 3 and 9"),
        ("|3, 4,2", "|3, 3,2", 7, "meeting 2 is between 3 and 3"),
        ("|3, 4,2", "|3, 4,5", 7, "session 5"),
        ("|3, 4,2", "|3, {4},2", 7, "made of numbers"),
        ("nMorningSlots = 2;", "nMorningSlots = 5;", 6, "more slots in the morning"),
        ("nMorningSlots = 2;", "", 0, "nMorningSlots is missing"),
        ("{4}, {}", "{5}, {}", 13, "above 4"),
        ("{4}, {}", "{4}", 13, "3 entries, not 4"),
        ("{4}, {}", "4, {}", 13, "another kind"),
        ("{4}, {}", "{x..4}, {}", 13, "a range needs"),
        ("[0,0,2]", "[0,0,5]", 14, "not in 0 to 4"),
        ("[0,0,2]", "[0,0,2]; fixat = [0,0,3]", 14, "contradict"),
        ("{},{},{1}]", "{},{},{4}]", 15, "above 3"),
        ("{},{},{1}];\n", "{},{},{1", 15, "too early"),
    ),
)
def test_bad_files_are_refused_with_their_line(tmp_path, old, new, line, says):
    assert old in PLAIN
    path = written(tmp_path, PLAIN.replace(old, new))

    with pytest.raises(BadFileError, match=says) as refused:
        read_instance(path)

    assert refused.value.line == line


@pytest.mark.parametrize("content", (b"", b"\xff\xfe\x00", None))
def test_the_command_says_what_is_wrong_as_json(tmp_path, capsys, content):
    path = tmp_path / "bad.dzn"
    if content is not None:
        path.write_bytes(content)

    assert schedule.main([str(path)]) == schedule.BAD
    said = json.loads(capsys.readouterr().out)

    assert said["instance"] == "bad"
    assert said["error"]


RIGHT = [1, 3, 2]
FREE = Instance(
    name="free",
    people=4,
    tables=2,
    slots=4,
    morning=2,
    requested=[(1, 2, 3), (3, 4, 3), (1, 3, 3)],
    forbidden=[set(), set(), set(), set()],
    fixed=[0, 0, 0],
    precedences=[set(), set(), set()],
)


def changed(**fields):
    return dataclasses.replace(FREE, **fields)


def test_a_right_schedule_has_no_violations():
    assert violations(FREE, RIGHT, 0, 0) == []


@pytest.mark.parametrize(
    ("instance", "slots", "gap", "holes", "says"),
    (
        (FREE, [1, 3], 0, 0, "2 slots for 3 meetings"),
        (FREE, [1, 3, 5], 0, 0, "no slot 5"),
        (FREE, [0, 3, 2], 0, 0, "no slot 0"),
        (
            changed(requested=[(1, 2, 2), (3, 4, 3), (1, 3, 3)]),
            RIGHT,
            0,
            0,
            "not in the afternoon",
        ),
        (changed(requested=[(1, 2, 3), (3, 4, 1), (1, 3, 3)]), RIGHT, 0, 0, "not in the morning"),
        (changed(fixed=[0, 4, 0]), RIGHT, 0, 0, "fixed in 4"),
        (changed(forbidden=[set(), set(), set(), {3}]), RIGHT, 0, 0, "forbidden to person 4"),
        (FREE, [2, 3, 2], 0, 0, "person 1 has meetings 1 and 3 at once"),
        (changed(tables=1), [1, 1, 2], 0, 0, "slot 1 has 2 meetings at 1 tables"),
        (
            changed(precedences=[{2}, set(), set()]),
            RIGHT,
            0,
            0,
            "meeting 2 is not before meeting 1",
        ),
        (changed(precedences=[{2}, set(), set()]), [1, 1, 2], 0, 0, "not before"),
        (FREE, [1, 4, 3], 1, 0, "1 holes, not 0"),
        (FREE, [1, 4, 3], 0, 1, "more than 0 apart"),
    ),
)
def test_the_checker_finds_each_broken_rule(instance, slots, gap, holes, says):
    found = violations(instance, slots, gap, holes)

    assert len(found) == 1
    assert says in found[0]


def test_the_command_prints_one_object(tmp_path, capsys):
    path = written(tmp_path, PLAIN.replace("fixed = [0,0,2]", "fixed = [0,0,0]"))

    assert schedule.main([str(path), "--gap", "0"]) == 0
    said = json.loads(capsys.readouterr().out)

    assert said.pop("seconds") >= 0
    assert violations(read_instance(path), said.pop("schedule"), 0, 0) == []
    assert said == {
        "instance": "some",
        "gap": 0,
        "status": "optimal",
        "objective": 0,
        "bound": 0,
        "violations": [],
    }


def test_the_command_says_infeasible(tmp_path, capsys):
    path = written(tmp_path, PLAIN.replace("[0,0,2]", "[0,1,2]"))

    assert schedule.main([str(path)]) == 0
    said = json.loads(capsys.readouterr().out)

    assert said["status"] == "infeasible"
    assert said["objective"] is said["bound"] is said["schedule"] is None


@pytest.mark.parametrize("gap", ("-1", "x"))
def test_a_gap_that_is_none_is_refused(gap):
    with pytest.raises(SystemExit) as refused:
        schedule.main(["some.dzn", "--gap", gap])

    assert refused.value.code == schedule.BAD


def test_without_data_nothing_is_measured(tmp_path, capsys):
    assert schedule.main(["--all", str(tmp_path)]) == 0
    assert "nothing measured" in capsys.readouterr().out


def test_a_folder_is_compared_with_what_is_published(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(schedule_table, "RESULT", tmp_path / "results" / "schedule.json")
    written(tmp_path, PLAIN, "right.dzn")
    cell = {"setting": "d2", "infeasible": False, "published_seconds": 1.0}
    cells = [{**cell, "instance": "right", "optimum": best} for best in (0, 1)]
    written(tmp_path, json.dumps(cells), "published.json")

    broken = schedule.main(["--all", str(tmp_path)])
    report = json.loads((tmp_path / "results" / "schedule.json").read_text())

    assert (report["cells"], report["equal"], report["contradicted"]) == (2, 1, 1)
    assert broken == schedule.BROKEN
    assert "differs" in capsys.readouterr().out


def everybody_meets_everybody(people=25):
    """Return a file in which exactly one person is idle in each slot: long to solve and to prove."""
    everybody = range(1, people + 1)
    rows = "".join(f"|{a},{b},3" for a in everybody for b in everybody if a < b)
    return f"nBusiness={people};nTables={people // 2};nTotalSlots={people};requested=[{rows}|];"


@pytest.mark.parametrize("ending", (signal.SIGTERM, signal.SIGINT))
def test_ended_early_the_command_gives_what_it_has(tmp_path, ending):
    path = written(tmp_path, everybody_meets_everybody())
    command = (sys.executable, *BENCH, str(path))
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=schedule.ROOT) as running:
        threads = f"/proc/{running.pid}/task"
        # As soon as it searches, it has more threads than one.
        while running.poll() is None and len(os.listdir(threads)) < 3:  # noqa: PTH208 - of /proc
            pass
        running.send_signal(ending)
        said = json.loads(running.stdout.read())

    assert said["status"] in ("unknown", "feasible")
    assert said["violations"] == []


DATA = [
    ("forumt-14crafc.forb0003", 2, 0),
    ("tic-12.fixed020-Forb", 2, 1),
    ("tic-13crafb.fixed020-Forb", 2, 1),
    ("forumt-14.fixed020-Forb", 2, 7),
    ("forumt-14crafd.fixed020-Forb", 2, 9),
    ("forum-13crafc.fixed040-Forb", 2, 50),
    ("tic-12.forb0003", 2, None),
    ("forum-13crafb.prec25", 2, None),
    ("forum-13crafc.original", 0, None),
]


@pytest.mark.skipif(not schedule.FOLDER.is_dir(), reason="the published instances are not here")
@pytest.mark.parametrize(("name", "gap", "optimum"), DATA)
def test_published_optima_are_proved(name, gap, optimum):
    solved = schedule.solved_file(schedule.FOLDER / f"{name}.dzn", gap, 300)

    assert solved.objective == optimum
    assert solved.status == ("infeasible" if optimum is None else "optimal")
    assert solved.violations == []
