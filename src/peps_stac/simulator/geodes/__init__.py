"""The simulator's other face: GEODES, on the same port and with the same scenes.

`scenario` says how it behaves. `making` makes `records` out of the scenes of the PEPS face, and
`files` the files behind them; `attributes`, `query` and `search` find them, `showing` writes them;
`shelves` knows what lies on tape, and `downloads` hands out what does not.
"""
