"""Where a request ends: the same however its bytes arrive, and where the server's own parser says it does."""

import pytest
from gunicorn.config import Config
from gunicorn.http import get_parser
from hypothesis import given
from hypothesis import strategies as st

from banking_portal.serving.arriving import BODY_AT_MOST, HEAD_AT_MOST, LONGEST_SIZE_LINE, TRAILERS_AT_MOST, Arriving

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
PLAIN = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
FORM = HEAD + b"Content-Length: 3\r\n\r\na=b"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = CHUNKED + b"3\r\na=b\r\n0a;x=y\r\n0123456789\r\n0\r\n\r\n"
TRAILED = CHUNKED + b"1\r\na\r\n0\r\nDigest: x\r\n\r\n"
WHOLE = [
    PLAIN,
    FORM,
    CHUNKS,
    TRAILED,
    HEAD + b"content-LENGTH:\t0 \r\n\r\n",
    b"\r\n" + PLAIN,
    b"GET / HTTP/1.0\r\n\r\n",
]
BEHIND = b"GET /next HTTP/1.1\r\n"


def in_pieces(data, cuts):
    arriving, begun = Arriving(), 0
    for cut in [*sorted(cuts), len(data)]:
        arriving.take(data[begun:cut])
        begun = cut
    return arriving


@pytest.mark.parametrize("request_sent", WHOLE)
def test_every_cut_gives_the_same_end(request_sent):
    for cut in range(len(request_sent) + 1):
        arriving = in_pieces(request_sent + BEHIND, [cut])
        assert (arriving.is_whole, arriving.is_cut) == (True, False)
        assert arriving.split() == (request_sent.removeprefix(b"\r\n"), BEHIND)


@pytest.mark.parametrize("request_sent", WHOLE)
def test_nothing_is_whole_before_its_end(request_sent):
    arriving = Arriving()
    for place in range(len(request_sent)):
        assert not arriving.is_whole
        arriving.take(request_sent[place : place + 1])
    assert arriving.is_whole


@pytest.mark.parametrize("request_sent", WHOLE)
def test_gunicorns_parser_ends_where_we_do(request_sent):
    sent, _ = Arriving(request_sent).split()
    parser = get_parser(Config(), [sent], ("127.0.0.1", 1))
    parsed = next(parser)
    parsed.body.read()
    assert parser.unreader.take_buffered() == b""


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: -1", b"Content-Length: 3, 3", b"Content-Length: 3\r\nContent-Length: 3", b"Content-Length: x",
        b"Content-Length: 99999999999999999999", b"Content-Length: " + str(BODY_AT_MOST + 1).encode(),
        b"Content-Length: \xc2\xb2", b"Transfer-Encoding: gzip", b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ],
)  # fmt: skip
def test_what_breaks_the_rules_or_is_too_large_is_handed_over_by_its_head(lines):
    head = HEAD + lines + b"\r\n\r\n"
    arriving = Arriving(head + b"a=b")
    assert (arriving.is_whole, arriving.is_cut) == (True, True)
    assert arriving.split()[0] == head


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\n", b"-1\r\n", b"\r\n\r\n", b"fffffffff\r\n", f"{BODY_AT_MOST:x}\r\n".encode(),
        b"3;" + b"e" * LONGEST_SIZE_LINE, b"0\r\nX: " + b"y" * TRAILERS_AT_MOST, b"1\r\na\r\n" * (BODY_AT_MOST // 6),
    ],
)  # fmt: skip
def test_chunks_that_break_the_rules_or_do_not_end_are_cut(chunks):
    arriving = Arriving(CHUNKED + chunks)
    assert (arriving.is_whole, arriving.is_cut) == (True, True)


def test_a_head_that_does_not_end_is_too_long():
    arriving = Arriving(HEAD + b"X: " + b"y" * HEAD_AT_MOST)
    assert (arriving.is_too_long, arriving.is_whole) == (True, False)


def test_who_waits_to_be_told_to_go_on_is_known():
    assert Arriving(HEAD + b"Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n").expects_continue
    assert not Arriving(HEAD + b"Content-Length: 3\r\n\r\n").expects_continue


@given(data=st.binary(max_size=300).map(lambda noise: CHUNKED + noise), cuts=st.lists(st.integers(0, 300), max_size=5))
def test_noise_is_judged_alike_however_it_arrives(data, cuts):
    at_once, slowly = Arriving(data), in_pieces(data, [min(cut, len(data)) for cut in cuts])
    assert (at_once.is_whole, at_once.is_cut) == (slowly.is_whole, slowly.is_cut)


def test_blank_lines_before_a_request_are_not_kept_and_are_counted():
    arriving = Arriving()
    arriving.take(b"\r\n" * (HEAD_AT_MOST // 2))
    assert (len(arriving.data), arriving.is_too_long) == (0, False)
    arriving.take(b"\r\n")
    assert (len(arriving.data), arriving.is_too_long) == (0, True)
