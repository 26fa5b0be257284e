"""Serve a folder on this machine: `serve.py FOLDER PORT`."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Handler(SimpleHTTPRequestHandler):
    """A file server that reports only what goes wrong."""

    def log_request(self, *_args: object) -> None:
        """Say nothing of a page that is served."""


def bind(folder: str, port: int) -> ThreadingHTTPServer:
    """Listen on the port, or on a free one where it is taken."""
    handler = partial(Handler, directory=folder)
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def number(text: str) -> int:
    """Return the number of a port; ends with a sentence where it is none."""
    if not (text.isascii() and text.isdigit() and int(text) < 2**16):
        sys.exit(f"PORT = {text!r}: must be a whole number from 0 to 65535")
    return int(text)


def main() -> None:
    """Serve until interrupted."""
    with bind(sys.argv[1], number(sys.argv[2])) as server:
        print(f"The book is at http://127.0.0.1:{server.server_port}/ (Ctrl+C ends)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
