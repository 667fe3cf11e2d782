"""What is wrong with the layout of a page, whoever looks at it and whenever.

It is judged in the widest font, with the widest amounts and dates: neither the fonts of the machine nor the demo's
chance nor the day has a say. Then the page is as it was.
"""

import base64

from tests.journeys import widest_font

WIDTHS = [320, 390, 1280]
FONT = base64.b64encode(widest_font.font()).decode()

FAULTS = r"""() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`wider than the window: ${root.scrollWidth} px`);
  if (document.querySelectorAll('h1').length !== 1) faults.push('not exactly one h1');
  if (!document.querySelector('main')) faults.push('no main landmark');
  const clipped = (element) => getComputedStyle(element).overflowX !== 'visible' && element.clientWidth > 1
    && element.scrollWidth > element.clientWidth + 1;
  for (const element of document.querySelectorAll('main *, header *')) {
    if (clipped(element) && !element.matches('input, .visually-hidden, .band')) {
      faults.push(`cut: ${element.className}`);
    }
  }
  // The band cuts its hill, and nothing else.
  for (const element of document.querySelectorAll('.band *:not(svg, svg *, .visually-hidden, .visually-hidden *)')) {
    const edge = element.closest('.band').getBoundingClientRect().right;
    if (element.getBoundingClientRect().right > edge + 1) faults.push(`cut by the band: ${element.className}`);
  }
  const shown = (element) => element.offsetParent !== null && !element.closest('.visually-hidden');
  for (const field of document.querySelectorAll('input:not([type=hidden], [type=submit]), select')) {
    if (shown(field) && !field.labels.length) faults.push(`no label: ${field.name}`);
  }
  for (const target of document.querySelectorAll('button, .button, input:not([type=hidden]), summary')) {
    if (shown(target) && target.getBoundingClientRect().height < 24) faults.push(`small target: ${target.outerHTML}`);
  }
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  if (new Set(ids).size !== ids.length) faults.push('an id stands twice');
  // What no-break spaces hold together, an amount, a date, a number, stands on one line.
  const words = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode;
    if (!shown(text.parentElement)) continue;
    for (const held of text.data.matchAll(/[^ \n]*\d[\u00a0\u202f][^ \n]*|[^ \n]*[\u00a0\u202f]\d[^ \n]*/g)) {
      const range = document.createRange();
      range.setStart(text, held.index);
      range.setEnd(text, held.index + held[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.bottom)));
      if (lines.size > 1) faults.push(`broken: ${held[0]}`);
    }
  }
  for (const image of document.images) if (!image.hasAttribute('alt')) faults.push(`no alt: ${image.src}`);
  return faults;
}"""

# Neither the font nor the sheet is fetched or inline, so the page's Content-Security-Policy lets them be.
WIDEN = r"""async (font) => {
  const bytes = Uint8Array.from(atob(font), (sign) => sign.charCodeAt(0));
  document.fonts.add(await new FontFace('Widest', bytes.buffer, { weight: '1 1000' }).load());
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*, *::before, *::after { font-family: Widest, sans-serif !important }');
  document.adoptedStyleSheets = [sheet];
  const amount = /([+\u2212]?)\d[\d\u202f]*,\d\d(\u00a0€|(?!\d))/g;
  const months = 'janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre';
  const day = new RegExp(`\\d+(?:er)?([ \\u00a0])(?:${months})(?=[ \\u00a0]\\d)`, 'g');
  const before = [];
  const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    before.push([text, text.data]);
    text.data = text.data
      .replace(amount, (_, sign, euros) => `${sign || (euros && '\u2212')}123\u202f456\u202f789,00${euros}`)
      .replace(day, '30$1septembre');
  }
  return () => {
    for (const [text, data] of before) text.data = data;
    document.adoptedStyleSheets = [];
  };
}"""
JUDGE = f"""async (font) => {{
  const restore = await ({WIDEN})(font);
  try {{
    return ({FAULTS})();
  }} finally {{
    restore();
  }}
}}"""


def faults_in(page) -> list[str]:
    """Those of the page as it is open, once it is whole, in words."""
    page.wait_for_load_state()
    return page.evaluate(JUDGE, FONT)


def faults_of(page, paths) -> dict[tuple[str, int], list[str]]:
    """Those of each page at each width that has some."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for path in paths:
            page.goto(path)
            found |= {(path, width): faults} if (faults := faults_in(page)) else {}
    return found
