"""Images and regions -> numbers with units.

In: a `PreparedStudy` and a `LabelMap` on its grid. Out: `Measurements`.
"""
