"""The command, where it is run as a module: ``python -m inference_economics``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
