"""What everybody sees of curation: reports of errors with their answers, and what each release changed."""
