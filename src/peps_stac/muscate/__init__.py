"""What a MAJA product in MUSCATE format says of itself: bytes and names in, plain types out."""
