"""Serve a folder on this machine: `serve.py FOLDER PORT`."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Handler(SimpleHTTPRequestHandler):
    """A file server that reports only what goes wrong."""

    def log_request(self, *_args: object) -> None:
        """Say nothing of a page that is served."""


_LAST_PORT = 65_535


def bind(folder: str, port: int) -> ThreadingHTTPServer:
    """Listen on the port, or on a free one where it is taken."""
    handler = partial(Handler, directory=folder)
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def main() -> None:
    """Serve until interrupted."""
    folder, port = sys.argv[1:]
    if not (port.isdecimal() and int(port) <= _LAST_PORT):
        sys.exit(f"PORT = {port!r}: must be a number from 0 to {_LAST_PORT}")
    with bind(folder, int(port)) as server:
        print(f"The book is at http://127.0.0.1:{server.server_port}/ (Ctrl+C ends)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
