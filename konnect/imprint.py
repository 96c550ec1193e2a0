"""Who runs this installation: named in the privacy policy and the accessibility statement."""

import environ

env = environ.Env()

OPERATOR = {
    "name": env.str("OPERATOR_NAME", default=""),
    "address": env.str("OPERATOR_ADDRESS", default=""),
    "email": env.str("OPERATOR_EMAIL", default=""),
    "privacy_officer": env.str("PRIVACY_OFFICER", default=""),
    "privacy_department": env.str("PRIVACY_DEPARTMENT", default=""),
    "privacy_email": env.str("PRIVACY_EMAIL", default=""),
    "privacy_telephone": env.str("PRIVACY_TELEPHONE", default=""),
    "european_representative": env.str("EUROPEAN_REPRESENTATIVE", default=""),
    "korean_representative": env.str("KOREAN_REPRESENTATIVE", default=""),
    "hosting_provider": env.str("HOSTING_PROVIDER", default=""),
    "hosting_country": env.str("HOSTING_COUNTRY", default=""),
    "mail_provider": env.str("MAIL_PROVIDER", default=""),
    "translation_provider": env.str("TRANSLATION_PROVIDER", default=""),
}
