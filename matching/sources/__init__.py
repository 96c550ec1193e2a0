"""What other places say of a person: answers and files in, proposals out; no network, no Django.

Every reader takes what was received, however broken, and returns a `Reading`: proposals that the
person may take over, and the lines that could not be read.
"""

from matching.sources.proposals import (
    FoundPlace,
    FoundProject,
    FoundSubject,
    FoundText,
    FoundWord,
    FoundWork,
    Proposal,
    Reading,
    Refused,
    WrongRecordError,
    key_of,
    proposal_of,
    row_of,
)

__all__ = [
    "FoundPlace", "FoundProject", "FoundSubject", "FoundText", "FoundWord", "FoundWork",
    "Proposal", "Reading", "Refused", "WrongRecordError", "key_of", "proposal_of", "row_of",
]  # fmt: skip
