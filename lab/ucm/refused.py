"""How the simulated Unified CM says no."""

from __future__ import annotations


class Refused(Exception):
    """A request that the product turns down. code: lower_snake name of the reason; text: the product's own words."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
