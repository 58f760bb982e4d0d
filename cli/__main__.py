"""`python -m cli`: the same as `sfp`."""

from cli.app import main

main()
