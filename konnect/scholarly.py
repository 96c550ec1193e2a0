"""Where the worker looks when people fill their profiles; it asks these addresses and no other."""

import environ

env = environ.Env()

ORCID_API = env.str("KONNECT_ORCID_API", default="") or "https://pub.orcid.org"
OPENALEX_API = env.str("KONNECT_OPENALEX_API", default="") or "https://api.openalex.org"
OPENALEX_KEY = env.str("KONNECT_OPENALEX_KEY", default="")
CROSSREF_API = env.str("KONNECT_CROSSREF_API", default="") or "https://api.crossref.org"
