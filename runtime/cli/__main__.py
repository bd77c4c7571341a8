"""`python -m runtime.cli`: the same as `crm`, wherever its script is not on the path."""
import sys

from runtime.cli import main

if __name__ == "__main__":
    sys.exit(main())
