"""What every answer to a program has in common: who asks, pages, versions, problems, repeats."""
