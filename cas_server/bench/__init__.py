"""The measured comparisons behind `cas bench`."""
