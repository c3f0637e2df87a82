"""Garbage collection is off during a cold start: it would find nothing to free and take a tenth of the time.

A cold start creates tens of thousands of objects, and all of them stay. Importing this module stops the collector; `finish` starts it
again and excludes these objects from later collections.
"""

import gc

gc.disable()


def finish() -> None:
    gc.freeze()
    gc.enable()
