"""What a test leaves behind is little beside all that was imported, through which the collector of garbage would go again
and again: it is called less often, from the first import on."""

import gc

gc.set_threshold(50_000, 20, 100)
