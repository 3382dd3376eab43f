"""The outside world and start-up: channels, conversation, commands, composition."""

import os

# The neural voice's sums come out the same on every run, and several times faster on a busy machine, with one
# thread; numpy reads this when it is first imported, so it must be said before anything else of ours is.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
