"""What a letter to a former address says of a new contact: its owner knows it again, nobody else finds him by it."""

HIDDEN = "•••"


def email(address: str) -> str:
    """« i•••@e•••.org »"""
    name, _, domain = address.rpartition("@")
    host, _, ending = domain.rpartition(".")
    return f"{name[:1]}{HIDDEN}@{host[:1]}{HIDDEN}.{ending}"


def phone(number: str) -> str:
    """« se terminant par 78 »"""
    return f"se terminant par {number[-2:]}"
