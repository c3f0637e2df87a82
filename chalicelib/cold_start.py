"""A cold start makes tens of thousands of objects that all stay. Collecting garbage among them finds none and takes a tenth of the time.

Importing this module stops it; `over` starts it again and leaves what has been made out of later collections.
"""

import gc

gc.disable()


def over() -> None:
    gc.freeze()
    gc.enable()
