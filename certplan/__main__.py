"""`python -m certplan`."""

from certplan.cli import main

if __name__ == "__main__":
    main()
