"""Pixels: lossless COGs, footprints of what was seen, and previews; needs the extra `raster`."""
