"""The invented calls: one in each state in which somebody has work. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MISSION = (
    "carbon-neutral-industry", "Industry without carbon", "탄소 중립 산업",
    "Halve the energy that making things takes, with partners on both sides.",
    "양측 협력으로 제조업의 에너지 사용량을 절반으로 줄입니다.",
    "Joint projects that became follow-on projects", "후속 과제로 이어진 공동 과제 수",
)  # fmt: skip
PROGRAMME = (
    "konnect-mobility", "KONNECT Joint Mobility", "KONNECT 공동 연구 교류",
    "Short stays that begin long co-operation, paid by funders of both sides.",
    "양측 지원 기관이 함께 지원하는, 오랜 협력을 시작하는 단기 방문 사업입니다.",
)  # fmt: skip
# Code, names, side, country, currency, budget a call in the smallest unit.
FUNDERS = (
    ("rhine-research", "Rhine Research Council", "라인 연구 위원회", "europe", "DE", "EUR", 24_000_000),
    ("lumiere", "Lumière Science Agency", "뤼미에르 과학 재단", "europe", "FR", "EUR", 18_000_000),
    ("hangang-fund", "Hangang Research Fund", "한강 연구 재단", "korea", "KR", "KRW", 360_000_000),
    ("taebaek-energy", "Taebaek Energy Institute", "태백 에너지 기술원", "korea", "KR", "KRW",
     260_000_000),
)  # fmt: skip
CRITERIA = (
    ("excellence", "Excellence", "우수성", "1.00", "3.0", "Is the question good, and the way to answer it?",
     "연구 질문과 방법이 훌륭합니까?"),
    ("impact", "Impact", "파급 효과", "1.50", "3.0", "What lasts when the visits are over?",
     "방문이 끝난 뒤 무엇이 남습니까?"),
    ("implementation", "Implementation", "실행 계획", "1.00", "3.0", "Do people, time and money fit?",
     "인력, 일정, 예산이 알맞습니까?"),
)  # fmt: skip


@dataclass(frozen=True)
class InventedCall:
    """One call: its state, when it closes from now in days, and how much is in it."""

    key: str
    title_en: str
    title_ko: str
    area: str
    state: str
    closes_in: int
    applications: int = 0
    drafts: int = 0
    grants: int = 0
    reviews: int = 3
    blind_level: int = 1
    open_days: int = 60
    # Whether a fifth of each budget fills gaps, counted in euros.
    fills_gaps: bool = False
    # What part of their usual budgets the funders put in, in per cent.
    budget_percent: int = 100
    # Of two steps: whether outlines are sent, or which call's invited outlines may apply.
    is_outline: bool = False
    follows: str = ""


CALLS = (
    InventedCall(
        "J-1", "Joint call: resources and sustainability", "공동 공모: 자원과 지속 가능성",
        "GREEN", "running", -420, applications=40, grants=8,
    ),
    InventedCall(
        "J-0", "Pilot call: smart materials", "시범 공모: 스마트 소재",
        "NANO", "closed_out", -1900, applications=9, grants=3,
    ),
    InventedCall(
        "J-2", "Joint call: healthy ageing", "공동 공모: 건강한 노년",
        "HEALTH", "panel", -120, applications=12, fills_gaps=True,
    ),
    InventedCall(
        "J-3", "Joint call: trustworthy artificial intelligence", "공동 공모: 신뢰할 수 있는 인공지능",
        "ICT", "reviewing", -45, applications=14, blind_level=3,
    ),
    InventedCall(
        "J-4", "Joint call: membranes and catalysts", "공동 공모: 분리막과 촉매",
        "NANO", "screening", -6, applications=10,
    ),
    InventedCall(
        "J-5", "Joint call: energy-efficient green technologies", "공동 공모: 에너지 고효율 녹색 기술",
        "GREEN", "approved", 23, applications=5, drafts=6,
    ),
    InventedCall(
        "J-6", "Joint call: quantum sensors", "공동 공모: 양자 센서", "NANO", "approved", 110,
    ),
    InventedCall(
        "J-7", "Joint call: bio-medical data", "공동 공모: 바이오 의료 데이터",
        "HEALTH", "in_approval", 150,
    ),
    InventedCall(
        "J-8", "Joint call: open hardware", "공동 공모: 오픈 하드웨어", "ICT", "draft", 200,
    ),
    InventedCall(
        "J-9", "Joint call: heat and hydrogen", "공동 공모: 열과 수소",
        "GREEN", "released", -170, applications=20, blind_level=2, budget_percent=10,
        is_outline=True,
    ),
    InventedCall(
        "J-9-2", "Joint call: heat and hydrogen, full applications",
        "공동 공모: 열과 수소 (본신청)", "GREEN", "approved", 40, budget_percent=10, follows="J-9",
    ),
)  # fmt: skip
TEXT_EN = (
    "Two researchers, one in Europe and one in Korea, apply together for stays of 5 to 90"
    " days at each other's laboratory. The call pays travel, the stay, and small costs of"
    " the work there.\n\n"
    "Who can apply. Researchers with a doctorate at a university, institute or company of"
    " a country of the funders below. Lead and partner work in different regions; both "
    "confirm the same text.\n\n"
    "What happens next. Two officers check who is eligible. Three experts of both regions"
    " score each application; a panel of both sides ranks, and every applicant gets the "
    "reasons in writing."
)
TEXT_KO = (
    "유럽과 한국의 연구자 두 명이 함께 신청하여 서로의 연구실에 5일에서 90일 동안 머물 수 있습니다. "
    "항공료와 체재비, 현지 연구에 드는 소액 경비를 지원합니다.\n\n"
    "신청 자격. 아래 지원 기관이 속한 국가의 대학, 연구소, 기업에 소속된 박사급 연구자입니다. 주관 연구자와"
    " 협력 연구자는 서로 다른 지역에서 일해야 하며, 두 사람이 같은 내용을 확인해야 합니다.\n\n"
    "이후 절차. 담당자 두 명이 신청 자격을 확인하고, 양측 전문가 세 명이 신청서를 평가합니다. 양측 위원으로"
    " 구성된 평가위원회가 순위를 정하며, 모든 신청자에게 평가 의견을 서면으로 보내 드립니다."
)
SUMMARY_EN = "Stays of 5 to 90 days at a partner's laboratory in the other region, for pairs of researchers."
SUMMARY_KO = "상대 지역 협력 연구실에 5일에서 90일 동안 머물 연구자 두 명을 함께 지원합니다."
