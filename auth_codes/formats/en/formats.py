"""The same for English, as it is written in Britain: Django's own is American, where the 3rd of April is 04/03."""

DAY_FORMAT = FIRST_DAY_FORMAT = "j\u00a0F\u00a0Y"
HOUR_FORMAT = "H:i"
MOMENT_FORMAT = "d/m/Y \\a\\t H:i"
EXACT_MOMENT_FORMAT = "d/m/Y H:i:s"
DATE_FORMAT = "j F Y"
MONTH_DAY_FORMAT = "j F"
SHORT_DATE_FORMAT = "d/m/Y"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"]
FIRST_DAY_OF_WEEK = 1
EUROS_FORMAT = "€{}"
THOUSAND_SEPARATOR = ","
