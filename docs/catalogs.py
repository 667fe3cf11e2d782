"""What the code and the templates say in French, and how the catalogs of `locale/` say it in English.

`python -m docs.catalogs` reads all sources, adds to each catalog the texts that it lacks, with an empty translation,
takes out those that nothing says any more, and compiles both. Nothing of gettext is needed on the machine. What a text
is, in templates, Django itself says: it turns them into what gettext reads.
"""

import ast
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import template as django_templates

ROOT = Path(__file__).resolve().parent.parent
# A date in the header would differ at each run.
NEVER = datetime(2026, 11, 1, tzinfo=UTC)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# The desk and commands stay French: what they say is not for the catalogs. Nor is the developers' page. So do
# papers and the pages that tell the same, but for the names of their kinds.
FRENCH = re.compile(
    r"/(management|admin|desk|demo|print_stream|migrations)/|/components\.html|/desk_waits\.html"
    r"|/documents/(_paper_head|_paper_never_asked|_statement_sum|contract|letter|lock_receipt|receipt|statement)\.html"
)

# Used without Django too: they mark nothing, and pages translate what they return.
FOR_ANY_PROGRAM = {"auth_codes/weakness.py", "accounts/client_codes.py"}


class Text(NamedTuple):
    """A text as gettext knows it: several forms where there is a plural, a context where one word has two senses."""

    forms: tuple[str, ...]
    context: str | None

    @property
    def id(self) -> str | tuple[str, ...]:
        return self.forms if len(self.forms) > 1 else self.forms[0]


class Holder(NamedTuple):
    """An app whose `locale/` translates the texts of some sources."""

    app: str

    @property
    def po(self) -> Path:
        return ROOT / self.app / "locale" / "en" / "LC_MESSAGES" / "django.po"

    @property
    def mo(self) -> Path:
        return self.po.with_suffix(".mo")

    def sources(self) -> list[Path]:
        """Modules of the app, and templates of what its pages show."""
        return [path for path in sources() if holder_of(path) == self]

    def texts(self) -> dict[Text, list[str]]:
        """What its sources say, each with the files that say it, in their order."""
        found: dict[Text, dict[str, None]] = {}
        for path in self.sources():
            for text in texts_in(path):
                found.setdefault(text, {})[path.relative_to(ROOT).as_posix()] = None
        return {text: list(places) for text, places in found.items()}

    def catalog(self) -> Catalog:
        """As it is kept; an empty one before the first run."""
        kept = io.BytesIO(self.po.read_bytes() if self.po.exists() else b"")
        return read_po(kept, locale="en", charset="utf-8")


AUTH_CODES, ACCOUNTS = Holder("auth_codes"), Holder("accounts")
HOLDERS = (AUTH_CODES, ACCOUNTS)


def sources() -> list[Path]:
    """What may say something to a customer."""
    modules = (path for app in ("auth_codes", "accounts", "banking_portal") for path in (ROOT / app).rglob("*.py"))
    pages = (path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
    return sorted(path for path in (*modules, *pages) if not FRENCH.search(path.as_posix()) and not is_for_staff(path))


def is_for_staff(path: Path) -> bool:
    """Whether a mail leaves for members of staff, who read French."""
    return path.name == "staff.txt" or (path.suffix == ".txt" and '"mail/staff.txt"' in path.read_text())


def holder_of(path: Path) -> Holder:
    """Public pages stand with the login; what is seen behind it, and all code of `accounts/`, with the accounts."""
    name = path.relative_to(ROOT).as_posix()
    is_behind = name.startswith(("accounts/", "templates/accounts/")) and "/public/" not in name
    return ACCOUNTS if is_behind else AUTH_CODES


def texts_in(path: Path) -> Iterator[Text]:
    """The texts of one source, in its order."""
    source = path.read_text(encoding="utf-8")
    if path.relative_to(ROOT).as_posix() in FOR_ANY_PROGRAM:
        yield from (Text((sentence,), None) for sentence in constants(source))
    if path.suffix != ".py":
        # Its lines begin anywhere, which Python's reader would take for blocks.
        source = "\n".join(map(str.lstrip, django_templates.templatize(source, origin=str(path)).splitlines()))
    for _line, message, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        yield Text(message if isinstance(message, tuple) else (message,), context)


def constants(source: str) -> Iterator[str]:
    """The sentences that a module names in capitals."""
    for part in ast.parse(source).body:
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name | ast.Tuple):
            values = part.value.elts if isinstance(part.value, ast.Tuple) else [part.value]
            yield from (value.value for value in values if isinstance(value, ast.Constant) and is_said(value.value))


def is_said(value: object) -> bool:
    """Whether a constant is words, and not a number or a pattern."""
    return isinstance(value, str) and " " in value


def brought_up_to_date(kept: Catalog, texts: dict[Text, Iterable[str]]) -> Catalog:
    """A catalog of `texts` alone, with the translations that are kept."""
    fresh = Catalog(locale="en", project="Espace Client", version="1", header_comment="", charset="utf-8", fuzzy=False)
    fresh.creation_date = fresh.revision_date = NEVER
    for text, places in texts.items():
        known = kept.get(text.id, context=text.context)
        fresh.add(text.id, known.string if known else None, [(place, None) for place in places], context=text.context)
    return fresh


def write(holder: Holder) -> int:
    """Writes both files of a catalog; how many texts still wait for their translation."""
    catalog = brought_up_to_date(holder.catalog(), holder.texts())
    holder.po.parent.mkdir(parents=True, exist_ok=True)
    with holder.po.open("wb") as po:
        write_po(po, catalog, width=110, include_lineno=False)
    with holder.mo.open("wb") as mo:
        write_mo(mo, catalog)
    return sum(not is_translated(message.string) for message in catalog if message.id)


def is_translated(string: str | tuple[str, ...] | None) -> bool:
    """Whether a text has its translation, of each of its forms."""
    return bool(string) and (isinstance(string, str) or all(string))


if __name__ == "__main__":
    for each in HOLDERS:
        print(f"{each.po.relative_to(ROOT)} : {write(each)} texte(s) à traduire")
