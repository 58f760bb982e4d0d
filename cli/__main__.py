"""`python -P -m cli`: the same as `sfp`.

Without -P, Python takes modules from the folder it is typed in before any of our code runs.
"""

from cli.app import main

main()
