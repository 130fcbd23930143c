"""The simulator's other face: GEODES, on the same port and with the same scenes.

`scenario` says how it behaves; `records`, `l1c` and `l2a` make its records out of the scenes of
the PEPS face, `files` the files behind them; `query` and `search` find them, `downloads` and
`availability` hand them out.
"""
