"""`python -m gliokit`: the command line, also as `torchrun` starts it."""

from gliokit.cli import main

if __name__ == "__main__":
    main()
