"""The invented events, in both languages; their days count from today."""

from __future__ import annotations

from dataclasses import dataclass

# The times of day at which meetings begin, in the event's zone; each takes 20 minutes.
MORNING = ("09:30", "09:55", "10:20", "10:45", "11:10", "11:35")
LATE_MORNING = ("10:00", "10:25", "10:50", "11:15", "11:40")
AFTERNOON = ("14:00", "14:25", "14:50", "15:15")


@dataclass(frozen=True)
class InventedSession:
    """One line of an agenda: day of the event from 0, wall times, English and Korean titles."""

    day: int
    kind: str
    begins: str
    ends: str
    titles: tuple[str, str]
    speakers: int = 0

    @property
    def is_in_hall(self) -> bool:
        """Whether everybody sits in the hall."""
        return self.kind in ("talk", "panel", "workshop", "course")


@dataclass(frozen=True)
class InventedEvent:
    """One event; texts are pairs of English and Korean."""

    key: str
    kind: str
    mode: str
    zone: str
    # From today to its first day, and how many days it lasts.
    in_days: int
    days: int
    begins: str
    ends: str
    titles: tuple[str, str]
    summaries: tuple[str, str]
    descriptions: tuple[str, str]
    venues: tuple[str, str] = ("", "")
    address: str = ""
    city: str = ""
    country_code: str = ""
    areas: tuple[str, ...] = ()
    capacity: int | None = None
    # People a side, tables, online rooms, and when meetings begin on each day.
    people: int = 0
    waiting: int = 0
    tables: int = 0
    rooms: int = 0
    slots: tuple[tuple[str, ...], ...] = ()
    sessions: tuple[InventedSession, ...] = ()
    has_schedule: bool = False
    is_draft: bool = False


PAUSE = ("Lunch", "점심 식사")
MEETINGS = ("Bilateral meetings", "일대일 미팅")

FINISHED = InventedEvent(
    key="finished", kind="matchmaking", mode="on_site", zone="Asia/Seoul",
    in_days=-18, days=1, begins="09:00", ends="17:30",
    titles=("Europe–Korea Matchmaking Day on Batteries and Solar Cells",
            "한·유럽 배터리·태양전지 매칭의 날"),
    summaries=("One day in Seoul for people who make and study batteries and solar cells.",
               "배터리와 태양전지를 연구하는 사람들이 서울에서 하루 동안 만났습니다."),
    descriptions=("An invented event of the demonstration.\n\nSix tables, ten rounds of meetings, "
                  "and a talk on how Korean and European money go together.",
                  "시연용 가상 행사입니다.\n\n테이블 여섯 개에서 미팅이 열 차례 열렸고, "
                  "한국과 유럽의 연구비를 함께 쓰는 방법도 소개했습니다."),
    venues=("Hangang Conference Centre (invented)", "한강컨퍼런스센터(가상)"),
    address="Seoul", city="Seoul", country_code="KR", areas=("GREEN", "NANO"), capacity=60,
    people=20, tables=6, slots=(MORNING + AFTERNOON,), has_schedule=True,
    sessions=(
        InventedSession(0, "talk", "09:00", "09:25", ("Two funders, one proposal", "두 나라의 연구비, 하나의 제안서"), 1),
        InventedSession(0, "meetings", "09:30", "11:55", MEETINGS),
        InventedSession(0, "pause", "12:00", "13:30", PAUSE),
        InventedSession(0, "meetings", "14:00", "15:35", MEETINGS),
        InventedSession(0, "panel", "15:45", "16:45", ("What made our project work", "공동연구가 성공한 이유"), 2),
        InventedSession(0, "social", "16:45", "17:30", ("Drinks", "다과와 교류"), 0),
    ),
)  # fmt: skip

RUNNING = InventedEvent(
    key="running", kind="matchmaking", mode="hybrid", zone="Europe/Brussels",
    in_days=-1, days=3, begins="09:00", ends="23:00",
    titles=("Brussels–Seoul Brokerage Days", "브뤼셀·서울 국제공동연구 매칭 행사"),
    summaries=("Three days of meetings in Brussels and online, before the next calls of Horizon "
               "Europe close.",
               "호라이즌 유럽 공모 마감을 앞두고 브뤼셀과 온라인에서 사흘 동안 만납니다."),
    descriptions=("An invented event of the demonstration.\n\nMeet at a table in Brussels, or from "
                  "Korea in an online room in the Korean evening.",
                  "시연용 가상 행사입니다.\n\n브뤼셀 현장의 테이블에서, 또는 한국 시간 저녁에 온라인 "
                  "회의실에서 만날 수 있습니다."),
    venues=("House of Science (invented)", "과학의 집(가상)"),
    address="Brussels", city="Brussels", country_code="BE", areas=("GREEN", "AI", "HEALTH"),
    capacity=80, people=26, tables=8, rooms=4,
    slots=(LATE_MORNING, LATE_MORNING + AFTERNOON, LATE_MORNING), has_schedule=True,
    sessions=(
        InventedSession(0, "talk", "09:10", "09:45", ("Calls that are open to both sides", "양측이 함께 지원할 수 있는 공모"), 1),
        InventedSession(0, "meetings", "10:00", "12:00", MEETINGS),
        InventedSession(1, "meetings", "10:00", "12:00", MEETINGS),
        InventedSession(1, "pause", "12:00", "13:45", PAUSE),
        InventedSession(1, "meetings", "14:00", "15:35", MEETINGS),
        InventedSession(2, "meetings", "10:00", "12:00", MEETINGS),
        InventedSession(2, "panel", "13:00", "14:00", ("From a meeting to a proposal", "미팅에서 제안서까지"), 2),
    ),
)  # fmt: skip

COMING = InventedEvent(
    key="coming", kind="twinning", mode="online", zone="Asia/Seoul",
    in_days=24, days=2, begins="16:00", ends="20:00",
    titles=("Twinning Forum of Korean and European Institutes", "한·유럽 연구기관 결연 포럼"),
    summaries=("Institutes of both sides look for a partner for years to come. Online, in the "
               "Korean afternoon and the European morning.",
               "한국과 유럽의 연구기관이 오래 함께할 상대를 찾습니다. 한국은 오후, 유럽은 오전에 "
               "온라인으로 진행합니다."),
    descriptions=("An invented event of the demonstration.\n\nRegister, say when you can meet, and "
                  "ask people for meetings; the organisers publish the schedule a week before.",
                  "시연용 가상 행사입니다.\n\n참가를 신청하고 가능한 시간을 알려 주신 뒤 미팅을 "
                  "요청해 주세요. 일정표는 행사 일주일 전에 공개합니다."),
    areas=("GREEN", "AI", "HEALTH", "NANO"), capacity=40, people=20, waiting=3, rooms=10,
    slots=(("16:30", "16:55", "17:20", "17:45", "18:10"),) * 2,
    sessions=(
        InventedSession(0, "talk", "16:00", "16:25", ("What a twinning needs", "결연에 필요한 것"), 1),
        InventedSession(0, "meetings", "16:30", "18:30", MEETINGS),
        InventedSession(1, "meetings", "16:30", "18:30", MEETINGS),
        InventedSession(1, "workshop", "19:00", "20:00", ("Writing the agreement", "협약서 쓰기"), 1),
    ),
)  # fmt: skip

TRAINING = InventedEvent(
    key="training", kind="training", mode="online", zone="Europe/Brussels",
    in_days=38, days=1, begins="09:00", ends="11:00",
    titles=("Writing a Horizon Europe Proposal with Korean Partners",
            "한국 연구자와 함께 쓰는 호라이즌 유럽 제안서"),
    summaries=("Two hours online for people who write their first joint proposal.",
               "공동 제안서를 처음 쓰는 분을 위한 두 시간 온라인 교육입니다."),
    descriptions=("An invented event of the demonstration.", "시연용 가상 행사입니다."),
    people=9,
    sessions=(
        InventedSession(0, "course", "09:00", "10:00", ("Reading a call together", "공모문 함께 읽기"), 1),
        InventedSession(0, "workshop", "10:10", "11:00", ("The first page", "첫 페이지 쓰기"), 1),
    ),
)  # fmt: skip

DRAFT = InventedEvent(
    key="draft", kind="matchmaking", mode="on_site", zone="Asia/Seoul",
    in_days=120, days=1, begins="09:00", ends="17:30",
    titles=("Matchmaking Day on Robots and Care", "로봇·돌봄 기술 매칭의 날"),
    summaries=("In preparation.", "준비하고 있습니다."),
    descriptions=("An invented event of the demonstration.", "시연용 가상 행사입니다."),
    venues=("Hangang Conference Centre (invented)", "한강컨퍼런스센터(가상)"),
    city="Seoul", country_code="KR", areas=("AI",), is_draft=True,
)  # fmt: skip

EVENTS = (FINISHED, RUNNING, COMING, TRAINING, DRAFT)
