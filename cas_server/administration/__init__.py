"""What an admin changes while everything runs: the figures of calling, and whole files."""
