"""How French writes days, hours and amounts, where Django's own forms are not ours; settings.FORMAT_MODULE_PATH.

Django's signs for dates: https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date. Another language takes a
module of these names beside this one.
"""

DAY_FORMAT = "j\u00a0F\u00a0Y"
FIRST_DAY_FORMAT = "j\\e\\r\u00a0F\u00a0Y"  # of a month
HOUR_FORMAT = "H\u202f\\h\u202fi"
MOMENT_FORMAT = "d/m/Y à H:i"
EXACT_MOMENT_FORMAT = "d/m/Y H:i:s"
EUROS_FORMAT = "{}\u00a0€"
THOUSAND_SEPARATOR = "\u202f"
