"""What reasons name, and that they never name what the reader may not see."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from matching.models import Listing, Profile, SuggestionList, Work
from matching.scoring import UNIT
from matching.services.listings import close_listing
from matching.services.suggestions import suggestions_for
from tests.factories.matching import KoreanProfileFactory
from tests.matching.evidence_lists import listing, write_list

URL = "/suggestions/"


def reasons(profile, language="en"):
    with override(language):
        [suggestion] = suggestions_for(profile)
        return [str(reason) for reason in suggestion.reasons]


def test_reasons_name_the_evidence_in_english(minji, row):
    assert reasons(minji)[:3] == [
        'Your “<span lang="ko">페로브스카이트의 결함</span>” is close to their'
        " “Defects in &lt;i&gt;perovskites&lt;/i&gt;”.",
        "You seek “Modelling wanted”; they offer “Modelling of cells”.",
        'They seek “Samples wanted”; you offer “<span lang="ko">시료 제작</span>”.',
    ]


def test_reasons_name_the_evidence_in_korean(minji, row):
    works, seek, offer = reasons(minji, "ko")[:3]

    assert "“페로브스카이트의 결함”" in works
    assert '“<span lang="en">Defects in &lt;i&gt;perovskites&lt;/i&gt;</span>”' in works
    assert "“모델링 구함”" in seek
    assert '“<span lang="en">Modelling of cells</span>”' in seek
    assert "“시료 제작”" in offer


@pytest.mark.parametrize("choice", ("contacts", "private"))
def test_works_that_members_may_not_see_are_not_named(minji, anna, row, choice):
    Profile.objects.filter(pk=anna.pk).update(visibility={"works": choice})

    assert reasons(minji)[0] == "You write about similar research."
    assert "Defects" not in "".join(reasons(minji))


def test_own_works_are_named_to_oneself_only(minji, anna, row):
    Profile.objects.filter(pk=minji.pk).update(visibility={"works": "private"})
    mine = reasons(minji)[0]
    row.delete()
    write_list(anna, minji, [row.evidence[1], row.evidence[0], 0, 0, 0, 0])

    assert "페로브스카이트의 결함" in mine
    assert reasons(anna)[0] == "You write about similar research."


@pytest.mark.parametrize("gone", range(6))
def test_evidence_that_is_gone_is_left_out(minji, row, named, gone):
    named[gone].delete()

    found = "".join(reasons(minji))

    sentences = ("is close to", "You seek", "They seek")
    assert [words in found for words in sentences] == [gone // 2 != place for place in range(3)]


@pytest.mark.parametrize("place", (2, 3, 4, 5))
@pytest.mark.parametrize(
    "columns",
    (
        {"state": "closed"},
        {"state": "draft"},
        {"valid_until": timezone.now() - timedelta(hours=1)},
    ),
)
def test_listing_that_is_not_open_is_left_out(minji, row, named, place, columns):
    Listing.objects.filter(pk=named[place].pk).update(**columns)

    assert len([words for words in reasons(minji) if "seek" in words]) == 1


def test_ids_of_other_peoples_things_name_nothing(minji, anna, named):
    stranger = KoreanProfileFactory()
    foreign = [
        Work.objects.create(profile=stranger, title="Secret paper").pk, named[0].pk,
        listing(stranger, "request", "Secret wish").pk, listing(stranger, "offer", "Secret").pk,
        named[2].pk, named[3].pk,
    ]  # fmt: skip
    write_list(minji, anna, foreign)

    assert reasons(minji) == [
        "You write about similar research.",
        "You have not worked together before.",
    ]


def test_one_work_of_both_is_named_once(minji, anna, named):
    for one in named[:2]:
        Work.objects.filter(pk=one.pk).update(title="Our common paper")
    write_list(minji, anna, [named[0].pk, named[1].pk, 0, 0, 0, 0])

    assert reasons(minji)[0] == "You both name “Our common paper” among your works."


def test_evidence_of_nothing_names_nothing(minji, anna, named):
    write_list(minji, anna, [0] * 6)

    assert reasons(minji)[0] == "You write about similar research."
    assert not [words for words in reasons(minji) if "seek" in words]


def test_lists_without_evidence_say_what_the_profiles_tell(minji, anna, named):
    write_list(minji, anna, [])

    assert reasons(minji)[0] == "You write about similar research."


def test_long_titles_are_cut(minji, anna, named, row):
    Work.objects.filter(profile=anna).update(title="perovskite " * 40)

    assert len(reasons(minji)[0]) < 300
    assert "…" in reasons(minji)[0]


def test_closing_a_listing_takes_it_from_a_kept_card_at_once(client_of, minji, anna, named, row):
    client = client_of(minji)
    before = client.get(URL).content.decode()
    close_listing(named[3], actor=anna.user)
    after = client.get(URL).content.decode()

    assert ("Modelling of cells" in before, "Modelling of cells" in after) == (True, False)


def test_page_prints_parts_that_add_up_to_the_score(client_of, anna, minji, row):
    SuggestionList.objects.all().delete()
    parts = [round(share * UNIT) for share in (
        0.2004, 0.0504, 0.0304, 0.0204, 0.0104, 0.0104, 0.0104, 0, -0.0296, -0.0196)]  # fmt: skip
    SuggestionList.objects.create(
        match_run=row.match_run, profile=anna, partner_ids=[minji.pk], scores=[sum(parts)],
        parts=parts, evidence=[0] * 6, built_from=timezone.now() + timedelta(days=1),
    )  # fmt: skip

    page = client_of(anna).get(URL).content.decode()

    cells = [float(cell.replace("−", "-")) for cell in numbers_of(page)]
    *printed, total = cells[0:-1:2] + cells[-1:]
    assert len(printed) == 9
    assert round(sum(printed), 1) == total == round(sum(parts) * 100 / UNIT, 1)
    assert f"{total} points" in page
    assert printed[-2:] == [-3.0, -2.0]


def numbers_of(page):
    """Return what stands in the cells of numbers, row by row; the last row has one."""
    return [piece.split("</td>")[0] for piece in page.split('<td class="number">')[1:]]
