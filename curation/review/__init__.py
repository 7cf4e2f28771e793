"""What reviewers and publishers are told of a change: in words, by its effect, and what speaks against it."""
