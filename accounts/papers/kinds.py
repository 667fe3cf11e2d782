"""The kinds of paper that clients are issued: each is declared on its class, in a module of this folder."""

from importlib import import_module
from pkgutil import iter_modules

from django.utils.functional import Promise

from accounts import papers
from accounts.papers.contents import ContentsForClient

for _module in iter_modules(papers.__path__, f"{papers.__name__}."):
    import_module(_module.name)

PAPERS = {
    paper.KIND.stored_as: paper
    for paper in sorted(ContentsForClient.__subclasses__(), key=lambda paper: paper.KIND.place)
}


def choices() -> list[tuple[str, str | Promise]]:
    """How the database names each kind, and the reader."""
    return [(stored_as, paper.KIND.name) for stored_as, paper in PAPERS.items()]
