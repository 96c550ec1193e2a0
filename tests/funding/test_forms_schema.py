"""Forms as values: what is wrong with answers, and sums that are the same everywhere."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.eligibility import Facts, Line, Person, Rule, eligibility_problems
from funding.forms_schema import (
    canonical,
    check_sum,
    default_schema,
    problems,
    schema_of,
    without_names,
)
from funding.money import minor_of, money_words
from funding.pdf_check import look_at
from tests.funding.application_stage import answers_for, pdf

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def codes(found):
    return [problem.code for problem in found]


def test_the_standard_form_is_complete_with_its_answers():
    schema = default_schema()

    assert problems(schema_of(schema), answers_for(schema)) == []
    assert set(codes(problems(schema_of(schema), {}))) == {"missing"}


@pytest.mark.parametrize(
    ("section", "field", "value", "code"),
    (
        ("summary", "abstract", "가" * 1501, "too_long"),
        ("summary", "abstract", 7, "not_of_its_kind"),
        ("mobility", "days", True, "not_of_its_kind"),
        ("mobility", "direction", 3, "not_of_its_kind"),
        ("mobility", "first_day", "2031-02-30", "not_of_its_kind"),
        ("work", "aims", "   ", "missing"),
    ),
)
def test_each_fault_has_its_code(section, field, value, code):
    schema = default_schema()
    answers = answers_for(schema)
    answers[section][field] = value

    (found,) = problems(schema_of(schema), answers)

    assert (found.section, found.field, found.code) == (section, field, code)


def test_a_number_over_its_limit_is_too_large():
    question = {"code": "n", "kind": "number", "most": 9, "label_en": "?", "label_ko": "?"}
    schema = schema_of({"sections": [
        {"code": "a", "title_en": "A", "title_ko": "가", "fields": [question]}
    ]})  # fmt: skip

    assert problems(schema, {"a": {"n": 9}}) == []
    assert codes(problems(schema, {"a": {"n": 10}})) == ["too_large"]


def test_a_plain_no_is_an_answer():
    yes_no = {"code": "ok", "kind": "yes_no", "label_en": "?", "label_ko": "?"}
    schema = schema_of({"sections": [
        {"code": "a", "title_en": "A", "title_ko": "가", "fields": [yes_no]}
    ]})  # fmt: skip

    assert problems(schema, {"a": {"ok": False}}) == []
    assert codes(problems(schema, {"a": {}})) == ["missing"]


def test_copies_without_names_leave_out_what_identifies():
    schema = default_schema()

    found = without_names(schema_of(schema), answers_for(schema))

    assert "record" not in found["team"]
    assert "later" in found["team"]


def test_canonical_json_as_the_standard_says():
    # RFC 8785, 3.2.3: keys by UTF-16 units, so that a face stands before a full-width sign.
    unordered = {"€": 1, "\r": 2, "\uff01": 3, "1": 4, "😀": 5, "\u0080": 6, "ö": 7}

    text = canonical(unordered).decode()

    places = [text.index(f'":{number}') for number in (2, 4, 6, 7, 1, 5, 3)]
    assert places == sorted(places)
    assert text.startswith('{"\\r":2,"1":4,')


def test_pieces_of_hangul_have_the_sum_of_whole_ones():
    assert check_sum({"a": "한"}) == check_sum({"a": "\u1112\u1161\u11ab"})
    assert check_sum({"a": "한"}) != check_sum({"a": "하"})


@given(JSON)
def test_order_never_changes_the_sum(value):
    def turned(thing):
        if isinstance(thing, dict):
            return {key: turned(thing[key]) for key in reversed(list(thing))}
        return [turned(each) for each in thing] if isinstance(thing, list) else thing

    assert check_sum(turned(value)) == check_sum(value)


@pytest.mark.parametrize("value", (1.5, {"a": object()}, 2**53))
def test_what_has_no_certain_form_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        canonical(value)


# --- Eligibility ----------------------------------------------------------------------------------

LEAD = Person("lead", "Anna", "europe", "DE", "member", state="invited")
PARTNER = Person("partner", "Minji", "korea", "KR", "own_funds", state="confirmed",
                 confirmed_hash="x")  # fmt: skip
RULE = Rule(1, "Agency", "europe", "EUR", most_minor=1000, eligible_costs=("travel",),
            organisation_types=("education",))  # fmt: skip


def facts(**changed):
    known = {
        "title": "T", "draft_sha256": "x", "people": (LEAD, PARTNER), "rules": (RULE,),
        "budget": (Line(1, "travel", 1000),), "documents": ("description",),
        "shortest_days": 5, "longest_days": 90, "days": 30,
    }  # fmt: skip
    return Facts(**(known | changed))


def person(base, **changed):
    return Person(**(vars(base) | changed))


@pytest.mark.parametrize(
    ("changed", "code"),
    (
        ({}, None),
        ({"title": " "}, "title_missing"),
        ({"days": 91}, "days_out_of_range"),
        ({"days": 90}, None),
        ({"people": (LEAD,)}, "partner_missing"),
        ({"draft_sha256": "y"}, "partner_must_reconfirm"),
        ({"people": (LEAD, person(PARTNER, state="invited"))}, "partner_not_confirmed"),
        ({"people": (LEAD, person(PARTNER, region="europe", country_code="FR",
                                  status="member"))}, "same_region"),
        ({"people": (person(LEAD, status="third"), PARTNER)}, "country_not_eligible"),
        ({"people": (person(LEAD, organisation_types=("company",)), PARTNER)},
         "organisation_type"),
        ({"people": (person(LEAD, organisation_types=("education", "company")), PARTNER)}, None),
        ({"people": (person(LEAD, has_organisation=False, region="elsewhere", country_code="",
                            status=""), PARTNER)}, "organisation_missing"),
        ({"budget": (Line(1, "travel", 600), Line(1, "travel", 401))}, "over_most"),
        ({"budget": (Line(1, "stay", 5),)}, "cost_not_eligible"),
        ({"budget": ()}, "budget_missing"),
        ({"documents": ("letter",)}, "description_missing"),
    ),
)  # fmt: skip
def test_each_rule_has_its_code(changed, code):
    assert codes(eligibility_problems(facts(**changed))) == ([code] if code else [])


# --- Money and papers -----------------------------------------------------------------------------


def test_money_is_read_as_it_is_written():
    assert minor_of("1,200.50", "EUR") == 120050
    assert minor_of("1 500 000", "KRW") == 1500000
    assert [minor_of(text, "KRW") for text in ("1.5", "NaN", "Infinity", "", "1e99")] == [None] * 5
    for typed in ("5,000,000원", "₩ 5 000 000", "5,000,000 KRW", "5000000won"):
        assert minor_of(typed, "KRW") == 5_000_000, typed
    for typed in ("€ 5 000", "5,000.00 EUR", "5\u202f000 €", "5000유로", "5000 Euro"):
        assert minor_of(typed, "EUR") == 500_000, typed
    assert minor_of("5,000원", "EUR") is None
    assert minor_of("€ 5 000", "KRW") is None
    assert money_words(1500000, "KRW", "en") == "₩1,500,000"
    assert money_words(120050, "EUR", "en") == "€1,200.50"


def test_a_bomb_in_a_paper_is_not_unpacked():
    packed = zlib.compress(b"0" * 200_000_000)
    bomb = (b"%PDF-1.5\n1 0 obj\n<</Type/ObjStm/Filter/FlateDecode>>\nstream\n" + packed
            + b"\nendstream\nendobj\nstartxref\n9\n%%EOF")  # fmt: skip

    assert look_at(bomb).code == "too_packed"


@pytest.mark.parametrize("tail", (b"PK\x05\x06", b"<script>", b"\x00x"))
def test_nothing_may_follow_the_end(tail):
    whole = pdf()

    assert look_at(whole).code == ""
    assert look_at(whole + b"\n").code == ""
    assert look_at(whole + tail).code == "truncated"


def test_scripts_are_found_however_their_name_is_written():
    for name in (b"/JavaScript", b"/J#53", b"/Launch", b"/EmbeddedFiles"):
        script = b"9999 0 obj\n<< " + name + b" (x) >>\nendobj\n"
        changed = pdf() + b"\n" + script
        end = b"xref\n0 0\ntrailer\n<<>>\nstartxref\n%d\n%%%%EOF\n" % len(changed)

        assert look_at(changed + end).code == "active", name
