"""What CAS is compared with where no finished program does the same: ordinary implementations."""
