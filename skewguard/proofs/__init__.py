"""Tests the laws of INTERFACE.md section 7 on transforms: examples, calls, laws, the smallest counterexample."""
