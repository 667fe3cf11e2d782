"""Takes the pictures of docs/screens/: each page on a phone and on a desk, in light and in dark colours.

`python -m docs.take_screens` makes a demo of its own for them, and the page that shows them side by side. They are for
people to look at, and nothing compares them: a font or a browser of another machine draws them otherwise.
"""

import base64
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.chromium import launch_options
from tests.journeys.conftest import Demo, running_demo
from tests.journeys.test_story import log_in, search, staff_log_in

SCREENS = Path(__file__).resolve().parent / "screens"
SIZES = {"390": {"width": 390, "height": 844}, "1280": {"width": 1280, "height": 900}}
SCHEMES = ("light", "dark")
# All of them together stay under BUDGET bytes, which a test keeps: a repository is no album.
SCALES = {"390": 0.8, "1280": 0.5}
TALLEST = 1300  # pixels: what stands further down is more of the same
QUALITY = 35
BUDGET = 2_200_000
INDEX = SCREENS / "README.md"
HEAD = """# The pages as they look

On a phone of 390 px and on a desk of 1280 px, in light and in dark colours, made by `python -m docs.take_screens`.

| page | phone | phone, dark | desk | desk, dark |
|---|---|---|---|---|
"""

PUBLIC = {
    "home": "/", "login": "/connexion/", "forgotten-code": "/code-secret-oublie/", "advice": "/conseils-securite/",
    "legal": "/mentions-legales/", "not-found": "/nulle-part/",
}  # fmt: skip
PRIVATE = {
    "overview": "/espace-client/", "documents": "/espace-client/documents/", "transfers": "/espace-client/virements/",
    "new-transfer": "/espace-client/virements/nouveau/", "profile": "/mon-profil/", "journal": "/mon-profil/journal/",
    "change-code": "/mon-profil/code-secret/", "it-was-not-me": "/mon-profil/connexions/ce-n-etait-pas-moi/",
    "second-factors": "/mon-profil/moyens/",
}  # fmt: skip
DESK = {
    "desk": "/admin/", "desk-renewals": "/admin/auth_codes/renewal/",
    "desk-register": "/admin/accounts/client/add/",
}  # fmt: skip
WRONG = ("1234567894", "135792")  # nobody's, and well formed


def main() -> None:
    shutil.rmtree(SCREENS, ignore_errors=True)
    SCREENS.mkdir()
    with tempfile.TemporaryDirectory() as var, running_demo(Path(var)) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for width, size in SIZES.items():
            for scheme in SCHEMES:
                context = browser.new_context(base_url=demo.url, viewport=size, color_scheme=scheme, locale="fr-FR")
                for name, page in pages(context, demo):
                    take(page, SCREENS / file_of(name, width, scheme), size, SCALES[width])
                context.close()
        browser.close()
    INDEX.write_text(HEAD + "".join(map(line_of, sorted(names()))))
    print(f"{len(list(SCREENS.glob('*.webp')))} pictures, {weight() // 1000} kB")


def file_of(name: str, width: str, scheme: str) -> str:
    return f"{name}-{width}-{scheme}.webp"


def names() -> set[str]:
    return {path.stem.rsplit("-", 2)[0] for path in SCREENS.glob("*.webp")}


def weight() -> int:
    return sum(path.stat().st_size for path in SCREENS.iterdir())


def line_of(name: str) -> str:
    """A page in the index: each picture as narrow as a row of four allows, and whole behind its link."""
    shown = [
        f'[<img src="{file}" alt="{name}, {width} px, {scheme}" width="180">]({file})'
        for width in SIZES
        for scheme in SCHEMES
        for file in [file_of(name, width, scheme)]
    ]
    return f"| {name} | {' | '.join(shown)} |\n"


def pages(context: BrowserContext, demo: Demo) -> Iterator[tuple[str, Page]]:
    """Each page by its name, as it stands when it is asked for."""
    page = context.new_page()
    yield from at(page, PUBLIC)
    yield from refused(page)
    yield from of_a_customer(page, demo.person("personal"))
    context.clear_cookies()
    yield from of_the_desk(page, demo)


def at(page: Page, paths: Mapping[str, str]) -> Iterator[tuple[str, Page]]:
    for name, path in paths.items():
        page.goto(path)
        yield name, page


def refused(page: Page) -> Iterator[tuple[str, Page]]:
    """A form that asks for better, and the pause after five wrong codes."""
    log_in(page, "12", "12345")
    page.wait_for_load_state()
    yield "login-errors", page
    for _ in range(6):
        log_in(page, *WRONG)
        page.wait_for_load_state()
    yield "blocked", page


def of_a_customer(page: Page, person: Mapping[str, str]) -> Iterator[tuple[str, Page]]:
    log_in(page, person["client_code"], person["secret_code"])
    page.wait_for_url("**/espace-client/")
    yield from at(page, PRIVATE)
    page.goto(PRIVATE["overview"])
    account = page.locator("main a.account").first.get_attribute("href")
    page.goto(PRIVATE["documents"] + "?nature=statement")
    statement = page.locator("a.papers__title").first.get_attribute("href")
    yield from at(page, {"account": str(account), "operation": f"{account}operations/2/", "statement": str(statement)})
    page.goto(PRIVATE["new-transfer"])
    page.get_by_role("group", name="Compte à débiter").get_by_label("Livret d’épargne").check()
    page.get_by_role("group", name="Compte à créditer").get_by_label("Compte courant").first.check()
    page.get_by_label("Montant en euros").fill("25,00")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Confirmer le virement").wait_for()
    yield "transfer-review", page
    page.get_by_label("Code secret", exact=True).fill(person["secret_code"])
    page.get_by_role("button", name="Confirmer le virement").click()
    page.locator(".scene--done").wait_for()
    yield "transfer-done", page


def of_the_desk(page: Page, demo: Demo) -> Iterator[tuple[str, Page]]:
    page.goto("/admin/")
    yield "desk-login", page
    staff_log_in(page, demo)
    yield from at(page, DESK)
    search(page, "moreau")
    yield "desk-search", page
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_url(re.compile("/change/"))
    yield "desk-client", page
    page.goto(f"{page.url.partition('change/')[0]}renouveler/")
    yield "desk-renew", page


def take(page: Page, picture: Path, size: Mapping[str, int], scale: float) -> None:
    """The whole page, as tall as it is: what is fixed to the edge of the screen stands at its own edge."""
    height = max(size["height"], min(page.evaluate("document.documentElement.scrollHeight"), TALLEST))
    page.set_viewport_size({"width": size["width"], "height": height})
    page.evaluate("document.fonts.ready")
    whole = {"x": 0, "y": 0, "width": size["width"], "height": height, "scale": scale}
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": whole})
    session.detach()
    picture.write_bytes(base64.b64decode(taken["data"]))
    page.set_viewport_size({"width": size["width"], "height": size["height"]})


if __name__ == "__main__":
    main()
