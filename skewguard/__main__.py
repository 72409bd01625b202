"""`python -m skewguard`."""

from skewguard.cli import main

if __name__ == "__main__":
    main()
