"""Pictures that strangers send: measured before anything is decoded, and made anew elsewhere."""
