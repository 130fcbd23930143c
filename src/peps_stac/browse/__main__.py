"""`python -m peps_stac.browse`: builds STAC Browser into the package, for a wheel that has it."""

import sys

from peps_stac.browse.build import STATIC, install_into
from peps_stac.browse.npm import BuildError


def main() -> None:
    """Build, or end with a line that says why not."""
    try:
        install_into(STATIC)
    except BuildError as error:
        sys.exit(f"this wheel will have no STAC Browser: {error}")


main()
