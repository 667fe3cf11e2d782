"""Who acts, and from where: made where a request arrives or a command begins, and handed through every operation.

The journal notes all three of its parts, a mail names the browser. An operation needs nothing else of a request.
"""

from dataclasses import dataclass
from typing import Self

from django.http import HttpRequest

from auth_codes import browser
from auth_codes.owner import Owner


@dataclass(frozen=True)
class Actor:
    """`user` is None for a command, a timer or a visitor who is not logged in.

    Without an address nothing says where it happened: a command did it, or where somebody sat is not to be told.
    """

    user: Owner | None = None
    address: str | None = None
    user_agent: str = ""

    @property
    def person(self) -> Owner:
        """Who acts, for what only somebody logged in may do. Raises ValueError where nobody is named."""
        if self.user is None:
            raise ValueError("nobody is named as acting")
        return self.user

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Who is logged in, at the browser that sends this request; nobody when nobody is."""
        return cls.at(request, request.user if request.user.is_authenticated else None)

    @classmethod
    def at(cls, request: HttpRequest, user: Owner | None = None) -> Self:
        """Whoever sits there: `user`, where a login or its end knows it, else an unknown visitor.

        The session is not asked: at a login it may still be somebody else's, or nobody's.
        """
        return cls(user, browser.address(request), browser.user_agent(request))


SYSTEM = Actor()
