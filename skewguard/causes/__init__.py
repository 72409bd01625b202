"""Why a cell is skewed: per cell, by counterfactual, in the groups and the order of INTERFACE.md section 6."""
