"""Bring the register of claims up to the ledger, under the present version."""

import sys

import inference_economics
from inference_economics.ledger import claims
from inference_economics_site import register


def main() -> None:
    """Write the register, and say what is new in it."""
    before = register.load()
    after = register.updated(
        before, claims.load(), inference_economics.__version__, inference_economics.__date__
    )
    register.FILE.write_text(register.text(after), encoding="utf8")
    changed = [id for id in after if after[id] != before.get(id)]
    for id in changed:
        old = " · ".join(before[id].cells) if id in before else "new"
        print(f"{id}: {old} -> {' · '.join(after[id].cells)}")
    print(f"{len(after)} claims, {len(changed)} changed: the changelog names them first")


if __name__ == "__main__":
    try:
        main()
    except register.RegisterError as error:
        sys.exit(str(error))
