"""The methods of selection, one module each behind one interface (`method.Method`), all pure.

A new method is a module with a `METHOD`, a line here, its words in the catalogue and its tests.
"""

from types import MappingProxyType
from typing import Final

from projects.selection.methods import (
    average_price,
    best_price,
    by_lot,
    direct,
    lowest_price,
    merit,
    multi_round,
    outside_tender,
    price_then_draw,
)
from projects.selection.methods.method import Method

METHODS: Final = MappingProxyType[str, Method](
    {
        module.METHOD.code: module.METHOD
        for module in (
            by_lot,
            lowest_price,
            best_price,
            average_price,
            price_then_draw,
            merit,
            multi_round,
            direct,
            outside_tender,
        )
    }
)
