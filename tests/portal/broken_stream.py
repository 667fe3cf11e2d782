"""What gunicorn serves here: an answer that fails half-way, as a damaged paper breaks an archive off, and others."""


def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "1000")] if environ["PATH_INFO"] == "/breaks-off" else [])
    return _broken_off() if environ["PATH_INFO"] == "/breaks-off" else [b"well"]


def _broken_off():
    yield b"begun"
    raise RuntimeError("this answer fails half-way")
