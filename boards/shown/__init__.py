"""What a board was shown: snapshots of rankings as they were stored, and what a later release says of them."""
