"""Where a request ends, seen as its bytes arrive: nothing is judged of it, which is the parser's work."""

import re

HEAD_AT_MOST = 64 * 1024  # bytes of request line and headers
BODY_AT_MOST = 512 * 1024  # twice what the portal reads of a form (DATA_UPLOAD_MAX_MEMORY_SIZE)
LONGEST_SIZE_LINE = 256  # of a chunk, its extensions included
TRAILERS_AT_MOST = 8 * 1024
HEADER = re.compile(rb"(?im)^(content-length|transfer-encoding|expect):[ \t]*([^\r\n]*?)[ \t]*\r?$")


class Arriving:
    """One request of a connection, and what came behind it.

    `is_whole`: a parser may have it. `is_cut`: it is larger than what anybody reads, or breaks the rules; the parser or
    the page refuses it by its head, and the connection ends with the answer.
    """

    def __init__(self, begun: bytes = b"") -> None:
        self.data = bytearray()
        self.is_whole = self.is_cut = False
        self.expects_continue = False
        self._head_end = self._end = self._searched = self._blank = 0
        self._is_chunked = False
        self.take(begun)

    def take(self, data: bytes) -> None:
        """More of it has come."""
        self.data += data
        if not self._head_end:
            self._look_for_head()
        if self._head_end and self._is_chunked and not self.is_whole:
            self._follow_chunks()
        if self._head_end and not self._is_chunked:
            self.is_whole = len(self.data) >= self._end

    @property
    def is_too_long(self) -> bool:
        """Whether its head does not end where a head ends at the latest."""
        return not self._head_end and len(self.data) + self._blank > HEAD_AT_MOST

    def split(self) -> tuple[bytes, bytes]:
        """The request, and what came behind it: the beginning of the next."""
        return bytes(self.data[: self._end]), bytes(self.data[self._end :])

    def _look_for_head(self) -> None:
        while self.data[:2] == b"\r\n":  # what old browsers send behind a form (RFC 9112, 2.2)
            del self.data[:2]
            self._blank += 2
        end = self.data.find(b"\r\n\r\n", max(self._searched - 3, 0))
        self._searched = len(self.data)
        if end >= 0:
            self._head_end = self._end = end + 4
            self._read_head()

    def _read_head(self) -> None:
        said = [(name.lower(), value) for name, value in HEADER.findall(self.data[: self._head_end])]
        lengths = [value for name, value in said if name == b"content-length"]
        codings = [value for name, value in said if name == b"transfer-encoding"]
        self.expects_continue = (b"expect", b"100-continue") in [(name, value.lower()) for name, value in said]
        if codings:
            self._is_chunked = [value.lower() for value in codings] == [b"chunked"] and not lengths
            self.is_cut = not self._is_chunked
        elif lengths:
            self._believe(lengths)

    def _believe(self, lengths: list[bytes]) -> None:
        is_number = len(lengths) == 1 and re.fullmatch(rb"[0-9]{1,18}", lengths[0])
        if not is_number or int(lengths[0]) > BODY_AT_MOST:
            self.is_cut = True
            return
        self._end += int(lengths[0])

    def _follow_chunks(self) -> None:
        """From where the last known chunk ended; each byte is looked at once or twice, however slowly they come."""
        while not self.is_whole:
            line_end = self.data.find(b"\r\n", self._end, self._end + LONGEST_SIZE_LINE)
            if line_end < 0:
                self._cut_if(len(self.data) - self._end >= LONGEST_SIZE_LINE)
                return
            size = re.match(rb"[0-9A-Fa-f]{1,8}(?![0-9A-Fa-f])", self.data[self._end : line_end])
            if size is None or self._end + int(size[0], 16) > BODY_AT_MOST:
                self._cut_if(True)
            elif int(size[0], 16) == 0:
                self._look_for_trailers(line_end)
                return
            elif len(self.data) < line_end + 4 + int(size[0], 16):
                return
            else:
                self._end = line_end + 4 + int(size[0], 16)

    def _look_for_trailers(self, line_end: int) -> None:
        end = self.data.find(b"\r\n\r\n", line_end, line_end + TRAILERS_AT_MOST)
        if end >= 0:
            self._end, self.is_whole = end + 4, True
        self._cut_if(end < 0 and len(self.data) - line_end >= TRAILERS_AT_MOST)

    def _cut_if(self, is_wrong: bool) -> None:
        if is_wrong:
            self._end, self.is_cut, self.is_whole = len(self.data), True, True
