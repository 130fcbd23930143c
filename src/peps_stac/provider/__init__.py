"""What every catalogue service has in common, whatever it speaks.

A provider is a room of its own beside this one (`peps`, `geodes`). What it can do is said in
`interface`; reading values out of foreign JSON (`values`, `footprint`) and checking a result
against the question (`matching`) are the same for all.
"""
