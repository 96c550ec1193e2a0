"""Names of all of Europe are drawn with their marks on their letters."""

import re
from pathlib import Path

import pytest
from django.conf import settings

FOR_HANGUL = ("Gothic", "Pretendard", "KR", "system-ui")
# With letters like ř and ū, on the machines of Linux, where a font for Hangul is often installed too.
FOR_LATIN = {"--latin": "DejaVu Sans", "--serif": "DejaVu Serif"}


@pytest.fixture(scope="module")
def stacks():
    """The lists of fonts by name."""
    text = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    found = re.findall(r"(--[a-z-]+): ([^:;{}]*(?:serif|Sans\"|KR\"));", text)
    return {name: [font.strip('\n "') for font in fonts.split(",")] for name, fonts in found}


@pytest.mark.parametrize("name", ("--latin", "--serif"))
def test_a_font_with_the_letters_of_europe_comes_before_those_for_hangul(stacks, name):
    fonts = stacks[name]
    hangul = [
        place for place, font in enumerate(fonts) if any(word in font for word in FOR_HANGUL)
    ]

    assert fonts.index(FOR_LATIN[name]) < min(hangul, default=len(fonts))


def test_texts_of_both_languages_begin_with_the_latin_fonts(stacks):
    text = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()

    assert [font.strip() for font in stacks["--sans"]][:2] == ["var(--latin)", "var(--hangul)"]
    assert set(re.findall(r"--(?:body|display): (.+);", text)) == {"var(--sans)", "var(--serif)"}
