"""What comes back when something could not be delivered."""

from __future__ import annotations


class NotDelivered(Exception):
    """`for_good`: the other side will never take it, so trying again is useless; otherwise later may do. The text is for
    the log of deliveries: it names no secret and no content."""

    def __init__(self, problem: str, *, for_good: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.for_good = for_good
