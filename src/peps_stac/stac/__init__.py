"""The writers: plain values in, STAC Items and Collections out; no clock, network or disk."""
