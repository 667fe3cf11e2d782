"""The worker of gunicorn that serves the portal: its threads meet whole requests alone.

Gunicorn's own gives a connection to a thread at once, and the thread waits: six that send nothing froze four threads.
Here the loop that waits for connections reads the requests and sends what is left of answers; a thread waits for no
connection. Whoever is slow, with his request or with our answer, keeps a little memory for a while, and gives way when
there are too many.
"""

import errno
import select
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import ClassVar

from gunicorn import http
from gunicorn.http import wsgi
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from banking_portal.serving.arriving import Arriving

ARRIVES_WITHIN = 15  # seconds, for all of a request
READ_WITHIN = 20  # for the other side to take an answer
LEAVES_WITHIN = 2  # for the other side to close, after the answer
ANSWER_KEPT = 2 * 1024 * 1024  # bytes that its reader has not taken yet
HELD_AT_MOST = 64 * 1024 * 1024  # bytes of unfinished requests and unread answers in one process
READ_AT_ONCE = 64 * 1024
Act = Callable[["Visit", socket.socket], None]
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
# Headers of an answer that say something to it as well.
MEANT_FOR_GUNICORN = {"content-length", "connection", "upgrade"}
REFUSALS = {408: "Request Timeout", 431: "Request Header Fields Too Large"}


class Outgoing:
    """A socket as an answer is written to it: what the other side does not take yet is kept, and the thread goes on.

    Of a very long answer so much is kept, then the thread does wait, within so many seconds for all of it.
    """

    def __init__(self, wire: socket.socket, seconds: float) -> None:
        self._wire = wire
        self._deadline = time.monotonic() + seconds
        self.left = bytearray()

    def sendall(self, data: bytes) -> None:
        """Raises ConnectionResetError past the deadline: the thread has others to answer."""
        self.left += data
        self.flush()
        while len(self.left) > ANSWER_KEPT:
            if not has_room(self._wire, self._deadline - time.monotonic()):
                raise ConnectionResetError(errno.ECONNRESET, "the answer was not read")
            self.flush()

    def flush(self) -> None:
        """Hands over what the system takes at once. Raises OSError, with nothing gone, where nobody is there."""
        with suppress(BlockingIOError):
            if self.left:
                del self.left[: self._wire.send(self.left)]

    def setblocking(self, flag: bool) -> None:
        """Gunicorn's threads would wait: the socket never does."""

    settimeout = setblocking

    def shutdown(self, how: int) -> None:
        """The loop sends what is left, then closes: gunicorn would close under it where an answer fails half-way."""

    def close(self) -> None:
        """As above."""

    def __getattr__(self, name: str) -> object:
        return getattr(self._wire, name)


class PortalResponse(wsgi.Response):
    """Gunicorn's, but a name of a header that it has let pass is not judged again."""

    # Those that mean nothing to itself. The portal's names are few and fixed: no visitor adds one.
    passed: ClassVar[set[str]] = set()

    def process_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Raises what gunicorn raises where a header is none."""
        for name, value in headers:
            if name in self.passed and type(value) is str and value.isascii() and value.isprintable():
                self.headers.append((name, value.strip(" ")))
                continue
            before = len(self.headers)
            super().process_headers([(name, value)])
            if len(self.headers) > before and name.lower() not in MEANT_FOR_GUNICORN:
                self.passed.add(name)


class Visit(TConn):
    """A connection: the request that arrives on it, what came behind, its answer, and until when it may take."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.wire: socket.socket = self.sock
        self.arriving = Arriving()
        self.rest = b""
        self.outgoing = Outgoing(self.wire, 0)
        self.stays = True
        self.until = 0.0
        self.initialized = True  # by its parser, which is made anew for each request


class PatientWorker(ThreadWorker):
    """Reads requests in its loop, and has threads answer those that are whole."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        # Oldest first, and all of one kind are given the same time: who is first is the first to leave.
        self.unfinished: dict[Visit, None] = {}
        self.unread: dict[Visit, None] = {}
        self.leaving: dict[Visit, None] = {}
        self.held = 0

    def init_process(self) -> None:
        """Serves until its end. What is configured stays so, and is looked up without gunicorn's judging of names."""
        self.cfg.__dict__.update({name: setting.get() for name, setting in self.cfg.settings.items()})
        wsgi.Response = PortalResponse
        super().init_process()

    @classmethod
    def check_config(cls, cfg, log):
        """Raises SystemExit where a certificate is configured: the handshake would hold up the loop."""
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise SystemExit("Le portail ne démarre pas : le serveur mandataire tient le certificat, pas gunicorn.")

    def accept(self, listener):
        try:
            wire, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self.await_request(Visit(self.cfg, wire, address, listener.getsockname()))
        self.make_room()

    def make_room(self) -> None:
        """The oldest of the slow gives way: an honest one takes less time than there are places."""
        while (self.unfinished or self.unread) and self.is_crowded():
            if self.unfinished:
                self.give_up(next(iter(self.unfinished)))
            else:
                self.cut_off(next(iter(self.unread)))

    def is_crowded(self) -> bool:
        return self.nr_conns >= self.worker_connections or self.held > HELD_AT_MOST

    def await_request(self, visit: Visit, begun: bytes = b"") -> None:
        """The loop reads the next request of a connection."""
        visit.arriving, visit.until = Arriving(begun), time.monotonic() + ARRIVES_WITHIN
        self.unfinished[visit] = None
        self.held += len(visit.arriving.data)
        self.watch(visit, self.on_arrival)
        self.hand_over_if_whole(visit)

    def on_arrival(self, visit: Visit, _wire: socket.socket) -> None:
        data = received(visit.wire) if visit in self.unfinished else None  # else it just gave way to another one
        if data is None:
            return
        if not data:
            self.forget(visit)
            self.end(visit)
            return
        before = len(visit.arriving.data)
        visit.arriving.take(data)
        self.held += len(visit.arriving.data) - before  # blank lines before a request are not kept
        if visit.arriving.is_too_long:
            self.give_up(visit, 431)
        else:
            self.hand_over_if_whole(visit)
            self.make_room()

    def hand_over_if_whole(self, visit: Visit) -> None:
        if visit.arriving.is_whole:
            self.forget(visit)
            self.enqueue_req(visit)
        elif visit.arriving.expects_continue:
            visit.arriving.expects_continue = False
            send_if_possible(visit.wire, GO_ON)

    def handle(self, visit: Visit) -> bool:
        """In a thread: answers a request that is all there, and gives whether the connection may bring another one."""
        request, visit.rest = visit.arriving.split()
        visit.parser = http.get_parser(self.cfg, [request], visit.client)
        visit.sock = visit.outgoing = Outgoing(visit.wire, READ_WITHIN)
        try:
            return bool(super().handle(visit)) and not visit.arriving.is_cut
        finally:
            visit.sock = visit.wire
            visit.arriving = Arriving()  # the form is not kept for as long as the connection is

    def finish_request(self, visit: Visit, answered: Future[bool]) -> None:
        """In the loop again: it sends what is left of the answer, then goes on."""
        visit.stays = not answered.cancelled() and not answered.exception() and answered.result()
        if not visit.outgoing.left:
            self.go_on(visit)
            return
        visit.until = time.monotonic() + READ_WITHIN
        self.unread[visit] = None
        self.held += len(visit.outgoing.left)
        self.watch(visit, self.on_room, selectors.EVENT_WRITE)
        self.make_room()

    def on_room(self, visit: Visit, _wire: socket.socket) -> None:
        if visit not in self.unread:
            return
        before = len(visit.outgoing.left)
        try:
            visit.outgoing.flush()
        except OSError:  # the other side has gone
            self.cut_off(visit)
            return
        self.held -= before - len(visit.outgoing.left)
        if not visit.outgoing.left:
            del self.unread[visit]
            self.poller.unregister(visit.wire)
            self.go_on(visit)

    def cut_off(self, visit: Visit) -> None:
        """Of an answer that nobody reads, the rest is thrown away."""
        del self.unread[visit]
        self.held -= len(visit.outgoing.left)
        self.poller.unregister(visit.wire)
        self.end(visit)

    def go_on(self, visit: Visit) -> None:
        """The next request, the wait for one, or the end."""
        if not visit.stays:
            self.take_leave(visit)
        elif visit.rest:
            self.await_request(visit, visit.rest)
        else:
            self.keep(visit)

    def keep(self, visit: Visit) -> None:
        visit.set_timeout()
        if not self.alive:
            visit.timeout = min(visit.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        self.keepalived_conns.append(visit)
        self.watch(visit, self.on_client_socket_readable)

    def on_client_socket_readable(self, visit: Visit, _wire: socket.socket) -> None:
        self.poller.unregister(visit.wire)
        self.keepalived_conns.remove(visit)
        self.await_request(visit)

    def take_leave(self, visit: Visit) -> None:
        """Lets the other side read the answer before the socket closes (RFC 9112, 9.6); the loop goes on meanwhile."""
        try:
            visit.wire.shutdown(socket.SHUT_WR)
        except OSError:
            self.end(visit)
            return
        visit.until = time.monotonic() + LEAVES_WITHIN
        self.leaving[visit] = None
        self.watch(visit, self.on_leaving)

    def on_leaving(self, visit: Visit, _wire: socket.socket) -> None:
        if visit in self.leaving and received(visit.wire) == b"":
            self.see_off(visit)

    def see_off(self, visit: Visit) -> None:
        del self.leaving[visit]
        self.poller.unregister(visit.wire)
        self.end(visit)

    def murder_pending(self) -> None:
        """Gunicorn asks for it about once a second, while it stops too."""
        now = time.monotonic()
        waits = ((self.unfinished, self.give_up), (self.unread, self.cut_off), (self.leaving, self.see_off))
        for waiting, dismiss in waits:
            while waiting and next(iter(waiting)).until <= now:
                dismiss(next(iter(waiting)))

    def give_up(self, visit: Visit, status: int = 408) -> None:
        """Ends a request that does not end by itself; who has sent nothing is told nothing."""
        self.forget(visit)
        if visit.arriving.data:
            head = f"HTTP/1.1 {status} {REFUSALS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            send_if_possible(visit.wire, head.encode())
        self.end(visit)

    def forget(self, visit: Visit) -> None:
        del self.unfinished[visit]
        self.held -= len(visit.arriving.data)
        self.poller.unregister(visit.wire)

    def end(self, visit: Visit) -> None:
        self.nr_conns -= 1
        visit.wire.close()

    def watch(self, visit: Visit, act: Act, events: int = selectors.EVENT_READ) -> None:
        self.poller.register(visit.wire, events, partial(act, visit))


def has_room(wire: socket.socket, seconds: float) -> bool:
    """Whether more can be sent within so many seconds."""
    poll = select.poll()
    poll.register(wire, select.POLLOUT)
    return seconds > 0 and bool(poll.poll(seconds * 1000))


def received(wire: socket.socket) -> bytes | None:
    """What has come; None when nothing has, and nothing at all when the other side has gone."""
    try:
        return wire.recv(READ_AT_ONCE)
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""


def send_if_possible(wire: socket.socket, data: bytes) -> None:
    """Without waiting: who does not read misses it."""
    try:
        wire.send(data)
    except OSError:
        return
