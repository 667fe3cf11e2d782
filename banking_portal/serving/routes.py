"""Which view an address leads to, looked for once where the address is always the same.

Django tries one pattern after the other, sixty of them before the page of a customer's accounts.
"""

from django.urls import ResolverMatch, get_resolver


def keep_routes() -> None:
    """From now on in this process: of addresses without a number or a name in them, so that only so many are kept."""
    resolver = get_resolver()
    look_for, kept = resolver.resolve, dict[str, ResolverMatch]()

    def resolve(path: str) -> ResolverMatch:
        """Raises Resolver404, each time anew."""
        match = kept.get(path)
        if match is None:
            match = look_for(path)
            if f"/{match.route}" == path and not match.args and not match.kwargs:
                kept[path] = match
        return match

    vars(resolver)["resolve"] = resolve
