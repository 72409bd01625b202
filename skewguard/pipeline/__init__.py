"""The order of the stages: whoever reads this package has read the program."""
