"""`python bot.py` runs this checkout. Nothing here is worth importing: the package `bot` is the program."""

from bot.cli import main

if __name__ == "__main__":
    main()
