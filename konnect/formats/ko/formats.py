"""Year, month, day, each with a full stop; the clock to 24."""

DATE_FORMAT = "Y. n. j."
SHORT_DATE_FORMAT = "Y. n. j."
MONTH_DAY_FORMAT = "n. j."
YEAR_MONTH_FORMAT = "Y년 n월"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "Y. n. j. H:i"
SHORT_DATETIME_FORMAT = "Y. n. j. H:i"
FIRST_DAY_OF_WEEK = 0
