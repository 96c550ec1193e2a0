"""The nouns of matching, one file each."""

from matching.models.contact import (
    ContactRequest,
    ContactRequestChange,
    ContactRequestState,
    Conversation,
    Message,
)
from matching.models.listing import Listing, ListingChange, ListingKind, ListingState
from matching.models.organisation import Organisation, OrganisationStatus
from matching.models.profile import (
    Block,
    NameOrder,
    Profile,
    ProfileChange,
    ProfileProject,
    ProfileState,
    Work,
)
from matching.models.run import (
    BlockKind,
    MatchBlock,
    MatchRun,
    MatchRunChange,
    MatchRunState,
    RunEdit,
    SnapshotChunk,
)
from matching.models.suggestion import (
    Answer,
    DismissalReason,
    ProfileVectors,
    SuggestionAnswer,
    SuggestionList,
    TextEmbedding,
)
from matching.models.vocabulary import (
    Area,
    CareerStage,
    OrganisationType,
    PartnerRole,
    Side,
    Topic,
    Visibility,
)

__all__ = [
    "Answer", "Area", "Block", "BlockKind", "CareerStage", "ContactRequest",
    "ContactRequestChange", "ContactRequestState", "Conversation", "DismissalReason", "Listing",
    "ListingChange", "ListingKind", "ListingState", "MatchBlock", "MatchRun", "MatchRunChange",
    "MatchRunState", "Message", "NameOrder", "Organisation", "OrganisationStatus",
    "OrganisationType", "PartnerRole", "Profile", "ProfileChange", "ProfileProject",
    "ProfileState", "ProfileVectors", "RunEdit", "Side", "SnapshotChunk", "SuggestionAnswer",
    "SuggestionList", "TextEmbedding", "Topic", "Visibility", "Work",
]  # fmt: skip
