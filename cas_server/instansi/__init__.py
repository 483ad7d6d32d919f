"""What an Instansi does for itself: sites, people, drills, and whether its line is alive."""
