"""`python -m peps_stac` is `peps-stac`."""

from peps_stac.cli import main

if __name__ == "__main__":
    main(prog_name="peps-stac")
