"""What is equal: rules from dtypes, the specification in Python, and the SQL that is held to it."""
