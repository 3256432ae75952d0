"""How far a run is, and how long it may still take."""

import sys


class Progress:
    """Says after each round how long the rest may take, from what the rounds so far took."""

    def __init__(self, sizes: list[int], parallel: int) -> None:
        # A round of many hosts takes as many turns as the tools need to reach them all.
        self.left = [1 + hosts / parallel for hosts in sizes]
        self.seconds = 0.0
        self.done = 0.0

    def ended(self, label: str, seconds: float) -> None:
        """A round has ended; they end in the order of the sizes."""
        self.done += self.left.pop(0)
        self.seconds += seconds
        rest = sum(self.left) * self.seconds / self.done
        print(
            f"  {label}: a round took {seconds:.0f} s; {len(self.left)} are left, about"
            f" {rest / 60:.0f} min", file=sys.stderr, flush=True)
