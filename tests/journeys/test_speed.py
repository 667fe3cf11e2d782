"""What a page weighs, how soon it is there on a slow line, and that nothing moves while it comes."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE
from tests.journeys.test_story import log_in

FIRST_VISIT_BYTES = 60_000
# « Slow 4G » of the browser's developer tools, and a telephone of some years ago.
SLOW_LINE = {"offline": False, "latency": 562.5, "downloadThroughput": 180_000, "uploadThroughput": 84_375}
SLOWER = {"rate": 4}
# Beyond 2.5 s a page is no longer « good » (https://web.dev/articles/lcp); a busy machine takes its part.
SECONDS_TO_SEE = 4.0
TIMES = 3
# « Good » is below 0.1 (https://web.dev/articles/cls).
MOVED_BY_A_FONT = 0.02
SEEN = """async () => {
  const entries = (type) => new Promise((done) => {
    const found = [];
    new PerformanceObserver((list) => found.push(...list.getEntries())).observe({ type, buffered: true });
    setTimeout(() => done(found), 300);
  });
  await document.fonts.ready;
  const moved = (await entries('layout-shift')).filter((shift) => !shift.hadRecentInput);
  const painted = await entries('largest-contentful-paint');
  return {
    shift: moved.reduce((sum, shift) => sum + shift.value, 0),
    moved: moved.flatMap((shift) => shift.sources.map((source) => source.node?.outerHTML?.slice(0, 120))),
    seconds: painted.at(-1).startTime / 1000,
  };
}"""


class Traffic:
    """The bytes that came over the line, headers included, for each address since it was last emptied."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.session.on("Network.requestWillBeSent", self._asked)
        self.session.on("Network.loadingFinished", self._came)
        self.bytes, self._addresses = {}, {}

    def _asked(self, event):
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _came(self, event):
        address = self._addresses.get(event["requestId"], "")
        self.bytes[address] = self.bytes.get(address, 0) + event["encodedDataLength"]

    def of(self, ending="") -> int:
        return sum(length for address, length in self.bytes.items() if address.endswith(ending))


def test_login_is_light_at_first_and_brings_no_font_again(new_page):
    page = new_page(PHONE)
    traffic = Traffic(page)
    page.goto("/connexion/", wait_until="networkidle")
    assert 30_000 < traffic.of(".woff2") < traffic.of() < FIRST_VISIT_BYTES, traffic.bytes
    traffic.bytes.clear()
    page.goto("/code-secret-oublie/", wait_until="networkidle")
    assert traffic.of() > 0
    assert traffic.of(".woff2") == traffic.of(".css") == 0


@pytest.fixture
def slow_page(new_page):
    """A telephone of some years ago on a slow line, and how to begin: whoever logs in need not wait for it."""
    page = new_page(PHONE)

    def slow_down():
        session = page.context.new_cdp_session(page)
        session.send("Network.emulateNetworkConditions", SLOW_LINE)
        session.send("Emulation.setCPUThrottlingRate", SLOWER)

    return page, slow_down


def assert_seen_soon_and_still(page, path):
    """At one of three times nothing moves at all, and at none by more than a line of letters.

    A font of the browser's own cache that comes in the tenth of a second for which a busy browser waits for it moves
    the letters by a hair. What moves by the page's own doing does so every time.
    """
    seen = [seen_of(page, path) for _ in range(TIMES)]
    assert min(one["shift"] for one in seen) == 0, seen[0]["moved"]
    assert max(one["shift"] for one in seen) < MOVED_BY_A_FONT, seen
    assert min(one["seconds"] for one in seen) < SECONDS_TO_SEE


def seen_of(page, path):
    page.goto(path, wait_until="networkidle")
    return page.evaluate(SEEN)


def test_login_is_there_soon_on_a_slow_line_and_does_not_move(slow_page):
    page, slow_down = slow_page
    slow_down()
    assert_seen_soon_and_still(page, "/connexion/")


def test_overview_and_account_are_there_soon_and_do_not_move(demo, slow_page):
    page, slow_down = slow_page
    julien = demo.person("personal")
    log_in(page, julien["client_code"], julien["secret_code"])
    expect(page).to_have_url(f"{demo.url}/espace-client/")
    account = page.locator("main a.account").first.get_attribute("href")
    slow_down()
    for path in ("/espace-client/", account):
        assert_seen_soon_and_still(page, path)
