"""Run a command while no other command of this kind runs in this folder: `alone.py COMMAND ...`."""

import fcntl
import os
import sys

LOCK = ".make.lock"


def main() -> None:
    """Wait for one's turn, then become the command.

    The system lifts the lock when the command and whatever it has started have ended, killed or
    not.
    """
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Waiting: another make is at work in this folder", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    os.set_inheritable(lock, True)  # noqa: FBT003  it takes no keyword
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  the Makefile's own commands


if __name__ == "__main__":
    main()
