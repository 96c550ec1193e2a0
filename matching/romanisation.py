"""Names in Hangul and their many spellings in Latin letters, brought to one key. For search only.

A key is no romanisation and is shown to nobody: 이영희, Lee Young-hee, Yi Yeonghui and Rhee
Younghee all have the keys `i` and `yunghi`. What the sound tables leave open (박 is Park, Bak or
Pak) stands in the table of surnames.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from korean_romanizer.romanizer import Romanizer

# Common spellings beside the official one, which is made. Two syllables first.
SURNAMES = {
    "남궁": "namgung namkoong namkung", "선우": "sunwoo sunoo seonwoo", "황보": "hwangbo",
    "제갈": "jegal jaegal chegal", "독고": "dokgo dokko", "사공": "sagong sakong",
    "서문": "seomun suhmoon", "동방": "dongbang", "어금": "eogeum", "망절": "mangjeol",
    "김": "kim gim ghim", "이": "lee yi rhee i li ri rie yee", "박": "park bak pak bahk pahk",
    "최": "choi choe chwe choy", "정": "jung jeong chung cheong joung jeung chong",
    "강": "kang gang kahng", "조": "cho jo joe", "윤": "yoon yun youn yune", "장": "jang chang",
    "임": "lim im yim rim leem", "한": "han hahn", "오": "oh o", "서": "seo suh so sur su",
    "신": "shin sin", "권": "kwon gwon kweon", "황": "hwang whang", "안": "ahn an",
    "송": "song", "류": "ryu ryoo lyu", "유": "yu yoo you yoou", "홍": "hong",
    "전": "jeon chun jun cheon", "고": "ko go koh goh", "문": "moon mun", "양": "yang",
    "손": "son sohn", "배": "bae pae bai", "백": "baek paik baik back paek", "허": "heo hur huh her",
    "노": "noh roh no ro", "남": "nam", "심": "shim sim", "하": "ha", "주": "joo ju chu",
    "구": "koo gu ku goo", "곽": "kwak gwak kwag", "성": "sung seong", "차": "cha",
    "우": "woo u wu", "진": "jin chin", "나": "na ra nah", "라": "ra la na", "지": "ji jee chi",
    "엄": "um eom uhm", "채": "chae chai", "원": "won weon", "천": "chun cheon", "방": "bang pang",
    "공": "kong gong", "현": "hyun hyeon", "함": "ham hahm", "변": "byun byeon pyun",
    "염": "yum yeom", "여": "yeo yuh", "추": "choo chu", "도": "do doh", "소": "so soh",
    "석": "suk seok sok", "선": "sun seon", "설": "seol sul", "마": "ma mah", "길": "gil kil",
    "연": "yeon youn", "위": "wi wee", "표": "pyo phyo", "명": "myung myeong", "기": "ki gi kee",
    "반": "ban bahn pan", "왕": "wang", "금": "keum geum kum", "옥": "ok ock", "육": "yook yuk",
    "인": "in ihn", "맹": "maeng", "제": "je jae", "모": "mo moh", "국": "kook guk kuk",
    "어": "eo uh", "은": "eun", "편": "pyun pyeon", "용": "yong", "예": "ye yea", "봉": "bong",
    "탁": "tak", "경": "kyung gyeong", "피": "pi", "두": "doo du", "감": "kam gam", "빈": "bin been",
}  # fmt: skip
# Spellings of one sound, from the longest to the shortest; applied in this order.
SOUNDS = (
    (r"ch|jj|tch", "j"), (r"sh|ss", "s"), (r"kk|gg|ck|q|k", "g"), (r"tt|dd|t", "d"),
    (r"pp|bb|ph|p|f", "b"), (r"z", "j"), (r"rr|ll|l", "r"),
    (r"yeo|you|yoo|yeu|yu", "Y"), (r"weo|wo(?!o)", "W"),
    (r"woo|wu|oo|eou|eo|eu(?!i)|ou|uh", "u"), (r"eui|ui|ee|ie|y(?![aeioY])", "i"),
    (r"yae|ye|ae|ai|ea|e", "e"), (r"h(?![aeiouYW])", ""), (r"Y", "yu"), (r"W", "wo"),
    (r"(.)\1", r"\1"),
)  # fmt: skip
COMPILED = tuple((re.compile(pattern), key) for pattern, key in SOUNDS)
NOT_LATIN = re.compile(r"[^a-z]+")
SYLLABLES = re.compile(r"[가-힣]+")
SHORTEST_KEY = 2
# Consonants that begin a syllable, in the order of Unicode.
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
FIRST_SYLLABLE, SYLLABLES_AN_INITIAL = 0xAC00, 588


def initials(hangul: str) -> str:
    """Return the consonants with which the syllables begin: 홍길동 becomes ㅎㄱㄷ."""
    return "".join(
        INITIALS[(ord(syllable) - FIRST_SYLLABLE) // SYLLABLES_AN_INITIAL]
        for syllable in hangul
        if "가" <= syllable <= "힣"
    )


@lru_cache(maxsize=20_000)
def sound(latin: str) -> str:
    """Return the key of a part of a name in Latin letters."""
    text = NOT_LATIN.sub("", unicodedata.normalize("NFKD", latin).casefold())
    for pattern, key in COMPILED:
        text = pattern.sub(key, text)
    return text


@lru_cache(maxsize=12_000)
def syllable(hangul: str) -> str:
    """Return the key of one syllable."""
    return sound(str(Romanizer(hangul).romanize()))


def spelled(hangul: str) -> str:
    """Return the key of Hangul, each syllable for itself: names do not run together in sound."""
    return re.sub(r"(.)\1", r"\1", "".join(map(syllable, hangul)))


SURNAME_KEYS: dict[str, frozenset[str]] = {}
for _hangul, _latin in SURNAMES.items():
    for _name in _latin.split():
        SURNAME_KEYS[_name] = SURNAME_KEYS.get(_name, frozenset()) | {spelled(_hangul)}


def split_hangul(name: str) -> tuple[str, str]:
    """Return surname and given name; a surname that nobody has is taken to be a given name."""
    for length in (2, 1):
        if name[:length] in SURNAMES and len(name) > length:
            return name[:length], name[length:]
    return "", name


def hangul_keys(name: str) -> set[str]:
    """Return the keys of a name in Hangul: whole, in both orders, and each part."""
    family, given = split_hangul(name)
    whole = {spelled(name)}
    if family:
        one, other = spelled(family), spelled(given)
        whole |= {one, other, one + other, other + one}
    return whole


def latin_keys(family: str, given: str) -> set[str]:
    """Return the keys of a name in Latin letters: each part, and both orders."""
    one = surname_keys(family)
    other = sound(given)
    both = {key + other for key in one} | {other + key for key in one}
    return {key for key in {*one, other, *both} if key}


def surname_keys(name: str) -> set[str]:
    """Return the keys of a surname, or of a word that may be one: those of the table, or its sound."""
    plain = NOT_LATIN.sub("", name.casefold())
    return set(SURNAME_KEYS.get(plain) or {sound(plain)})


def is_surname(name: str) -> bool:
    """Tell whether a word in Latin letters is a common spelling of a Korean surname."""
    return NOT_LATIN.sub("", name.casefold()) in SURNAME_KEYS


def guess_parts(words: list[str]) -> tuple[str, str]:
    """Return surname and given name of a name of which only the words are known, or '' and ''."""
    if len(words) > 1 and is_surname(words[0]):
        return words[0], "".join(words[1:])
    if len(words) > 1 and is_surname(words[-1]):
        return words[-1], "".join(words[:-1])
    return "", ""
